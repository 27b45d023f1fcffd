/** Node's side of the contract: fast hashes, Ed25519, agent ids from public keys. Same types as the portable versions. */
export * from './agent-id.ts';
export * from './hashes.ts';
export * from './signatures.ts';
