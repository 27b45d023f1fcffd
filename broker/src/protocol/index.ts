/**
 * The contract: everything that crosses a process border of Harp. Runs in browsers and Node, imports zod, @noble/hashes and @noble/curves only.
 * Agents, broker, console and tests all read the same schemas; docs/protocol restates them for other languages.
 */
export * from './audit.ts';
export * from './broker-state.ts';
export * from './broker-url.ts';
export * from './bytes.ts';
export * from './canonical.ts';
export * from './chain.ts';
export * from './chunking.ts';
export * from './cidr.ts';
export { answerProof, isSameProof, type ProofAnswer, type ProofStart, type ProofView, startProof } from './cpace.ts';
export * from './enrolment-code.ts';
export * from './enrolment-decision.ts';
export * from './enrolment-token.ts';
export * from './entry.ts';
export * from './errors.ts';
export * from './frames.ts';
export * from './gateway-api.ts';
export * from './hashing.ts';
export * from './head.ts';
export * from './ids.ts';
export * from './limits.ts';
export * from './log.ts';
export * from './log-text.ts';
export * from './manifest.ts';
export * from './messages.ts';
export * from './ownership.ts';
export * from './peer-api.ts';
export * from './policy.ts';
export * from './reports.ts';
export * from './segment.ts';
export * from './signing.ts';
export * from './snapshot.ts';
export * from './twin.ts';
export * from './version.ts';
export * from './via.ts';
