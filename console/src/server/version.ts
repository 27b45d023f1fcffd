/** Which Harp this is: the version of the console's package. */
import manifest from '../../package.json' with { type: 'json' };

export const HARP_VERSION: string = manifest.version;
