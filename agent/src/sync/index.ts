/**
 * Keeps folders in sync: follows their chains, plans, gets the bytes, gives files their names, reports. The file side as main.ts and the CLI see it.
 * Knows no network but the Swarm port, and no meaning of policies.
 */
export { createFolderSync, type FolderSyncOptions } from './folder-sync.ts';
export { type FolderVerification, knownFolders, type VerifyOptions, verifyFolder } from './verify-folder.ts';
