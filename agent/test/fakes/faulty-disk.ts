import { type Disk, type DiskFile, nodeDisk } from '../../src/files/disk.ts';

/** What the disk is asked to do, with the path it concerns. */
export type DiskStep = 'open' | 'create' | 'write' | 'datasync' | 'rename' | 'unlink' | 'mkdir' | 'list';

/** The real disk with faults: `fault` returns the system's code for a step that shall fail. */
export interface FaultyDisk extends Disk {
  fault: (step: DiskStep, path: string) => string | undefined;
  /** What `space` answers, bytes; undefined = the truth. */
  freeBytes: number | undefined;
  /** Steps in the order in which they succeeded. */
  readonly steps: { step: DiskStep; path: string }[];
}

export function faultyDisk(): FaultyDisk {
  const steps: { step: DiskStep; path: string }[] = [];
  const check = (step: DiskStep, path: string) => {
    const code = disk.fault(step, path);
    if (code !== undefined) throw Object.assign(new Error(`${code}: ${step} ${path}`), { code });
    steps.push({ step, path });
  };
  const watched = (file: DiskFile, path: string): DiskFile => ({
    read: (buffer, offset, length, position) => file.read(buffer, offset, length, position),
    async write(buffer, offset, length, position) {
      check('write', path);
      return file.write(buffer, offset, length, position);
    },
    truncate: (sizeBytes) => file.truncate(sizeBytes),
    async datasync() {
      check('datasync', path);
      await file.datasync();
    },
    sync: () => file.sync(),
    utimes: (atime, mtime) => file.utimes(atime, mtime),
    stat: () => file.stat(),
    close: () => file.close(),
  });
  const disk: FaultyDisk = {
    ...nodeDisk,
    fault: () => undefined,
    freeBytes: undefined,
    steps,
    async open(path, how) {
      check(how === 'create' ? 'create' : 'open', path);
      return watched(await nodeDisk.open(path, how), path);
    },
    async rename(from, to) {
      check('rename', to);
      await nodeDisk.rename(from, to);
    },
    async unlink(path) {
      check('unlink', path);
      await nodeDisk.unlink(path);
    },
    async mkdir(path) {
      check('mkdir', path);
      await nodeDisk.mkdir(path);
    },
    async list(path) {
      check('list', path);
      return nodeDisk.list(path);
    },
    async space(path) {
      return disk.freeBytes === undefined
        ? nodeDisk.space(path)
        : { bavail: disk.freeBytes, bsize: 1, blocks: 100 * 1024 * 1024 };
    },
  };
  return disk;
}
