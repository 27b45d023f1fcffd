/**
 * The REST API's data, declared once: the server validates and documents with these (OpenAPI 3.1), the browser and the CLI parse with them.
 * Browser-safe. Instants are UTC epoch milliseconds; byte counts are plain numbers (below 2^53).
 */
export * from './activity.ts';
export * from './agents.ts';
export * from './audit.ts';
export * from './chain.ts';
export * from './enrolment.ts';
export * from './fleet.ts';
export * from './folders.ts';
export * from './nextclouds.ts';
export * from './offices.ts';
export * from './people.ts';
export { BytesBySource } from './scalars.ts';
export * from './server.ts';
export * from './session.ts';
export * from './sign-in.ts';
export * from './workbench.ts';
