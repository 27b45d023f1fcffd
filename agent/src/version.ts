import manifest from '../package.json' with { type: 'json' };

/** The version of this build. */
export const AGENT_VERSION: string = manifest.version;
