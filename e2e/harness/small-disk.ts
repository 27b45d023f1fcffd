/** A disk that is soon full: a file system in memory, of a size that can be changed while it is in use. Needs root on Linux. */
import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';

export interface SmallDisk {
  resize(megabytes: number): void;
  unmount(): void;
}

/** Mounts one at `directory`. Returns why not, in words for a person, where that cannot be done. */
export function mountSmallDisk(directory: string, megabytes: number): SmallDisk | string {
  if (process.platform !== 'linux') return 'file systems in memory are made on Linux only';
  if (process.getuid?.() !== 0) return 'mounting a file system needs root';
  mkdirSync(directory, { recursive: true });
  try {
    mount('-t', 'tmpfs', '-o', `size=${megabytes}m`, 'harp-small-disk', directory);
  } catch (error) {
    return `a file system cannot be mounted here: ${error instanceof Error ? error.message.split('\n')[0] : String(error)}`;
  }
  return {
    resize: (size) => mount('-o', `remount,size=${size}m`, directory),
    unmount: () => void execFileSync('umount', ['-l', directory], { stdio: 'pipe' }),
  };
}

function mount(...args: string[]): void {
  execFileSync('mount', args, { stdio: 'pipe' });
}
