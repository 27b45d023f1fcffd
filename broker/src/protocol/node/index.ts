/** Node's side of the contract: fast hashes, Ed25519, agent ids from public keys, keys at rest. Same types as the portable versions. */
export * from './agent-id.ts';
export * from './atomic-file.ts';
export * from './hashes.ts';
export * from './key-file.ts';
export * from './master-rotation.ts';
export * from './mqtt-failure.ts';
export * from './sealed-file.ts';
export * from './sealing.ts';
export * from './signatures.ts';
export * from './unproven-connections.ts';
export * from './unreadable-request.ts';
