/** What this PC says of itself so that people know which one it is: claims that nobody checks. Read from the system once, by its own means. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { networkInterfaces, userInfo } from 'node:os';
import type { Machine } from '@harp/broker/protocol';
import { ownHosts } from '../discovery/own-addresses.ts';

const COMMAND_TIMEOUT_MS = 5_000;

/** Reads what is to be known. `hardware`: taken in the place of the hardware's own id (HARP_HARDWARE_ID). */
export async function readMachine(hardware: string | undefined): Promise<Machine> {
  const { id, serial, domain } = await readSystem();
  const user = userInfo().username;
  return {
    ...some('hardwareId', hashOf(hardware ?? id)),
    ...some('serial', printable(serial, 100)),
    // Services run as these: they say nothing of who uses the PC.
    ...some('user', ['root', 'SYSTEM'].includes(user) ? undefined : printable(user, 100)),
    ...some('domain', printable(domain, 253)),
    addresses: ownHosts(networkInterfaces()),
  };
}

/** Text as the protocol takes it: nothing invisible, so long at most; undefined if nothing is left. */
export function printable(text: string | undefined, maxChars: number): string | undefined {
  const left = (text ?? '').replace(/\p{C}/gu, '').trim().slice(0, maxChars);
  return left === '' ? undefined : left;
}

/** Domains in which names without a dot are looked up. */
export async function searchDomains(): Promise<string[]> {
  if (process.platform !== 'win32') return domainsIn(await textOf('/etc/resolv.conf'));
  const parameters = 'HKLM\\SYSTEM\\CurrentControlSet\\Services\\Tcpip\\Parameters';
  const [list, own, given] = await Promise.all(
    ['SearchList', 'Domain', 'DhcpDomain'].map((name) => registryValue(parameters, name)),
  );
  return [...(list ?? '').split(','), own ?? '', given ?? ''].map((name) => name.trim()).filter((name) => name !== '');
}

/** What `resolv.conf` names: the last `search` or `domain` line counts (resolv.conf(5)). */
export function domainsIn(resolvConf: string): string[] {
  const lines = resolvConf.split('\n').map((line) => line.trim().split(/\s+/));
  const last = lines.filter(([word]) => word === 'search' || word === 'domain').at(-1) ?? [];
  return last.slice(1).filter((name) => name !== '.');
}

interface SystemFacts {
  id: string | undefined;
  serial: string | undefined;
  domain: string | undefined;
}

async function readSystem(): Promise<SystemFacts> {
  const [domain] = await searchDomains();
  switch (process.platform) {
    case 'win32': {
      const bios = 'HKLM\\HARDWARE\\DESCRIPTION\\System\\BIOS';
      return {
        id: await registryValue('HKLM\\SOFTWARE\\Microsoft\\Cryptography', 'MachineGuid'),
        serial: await registryValue(bios, 'SystemSerialNumber'),
        domain,
      };
    }
    case 'darwin': {
      const shown = await outputOf('ioreg', ['-rd1', '-c', 'IOPlatformExpertDevice']);
      return { id: ioregValue(shown, 'IOPlatformUUID'), serial: ioregValue(shown, 'IOPlatformSerialNumber'), domain };
    }
    default: {
      const uuid = (await textOf('/sys/class/dmi/id/product_uuid')).trim();
      return {
        id: isUnique(uuid) ? uuid : (await textOf('/etc/machine-id')).trim(),
        serial: await textOf('/sys/class/dmi/id/product_serial'),
        domain,
      };
    }
  }
}

/** Some boards carry an id that thousands have. */
export function isUnique(uuid: string): boolean {
  const digits = uuid.toLowerCase().replaceAll('-', '');
  return /^[0-9a-f]{32}$/.test(digits) && new Set(digits).size > 2 && !digits.startsWith('0300020004000500');
}

/** The value of a quoted key in what `ioreg` prints. */
export function ioregValue(shown: string, key: string): string | undefined {
  return new RegExp(`"${key}" = "([^"]+)"`).exec(shown)?.[1];
}

/** The value in what `reg query KEY /v NAME` prints. */
export function registryText(shown: string, name: string): string | undefined {
  return new RegExp(`^\\s*${name}\\s+REG_(?:EXPAND_)?SZ\\s+(\\S.*?)\\s*$`, 'm').exec(shown)?.[1];
}

async function registryValue(key: string, name: string): Promise<string | undefined> {
  return registryText(await outputOf('reg', ['query', key, '/v', name]), name);
}

/** Hashed for one purpose: the id itself never leaves the PC. */
function hashOf(id: string | undefined): string | undefined {
  return id === undefined || id === ''
    ? undefined
    : createHash('sha256').update(`harp/hardware/v1\n${id}`).digest('hex');
}

function some<K extends string>(key: K, value: string | undefined): { [Key in K]?: string } {
  return (value === undefined ? {} : { [key]: value }) as { [Key in K]?: string };
}

/** Empty if it cannot be read. */
function textOf(path: string): Promise<string> {
  return readFile(path, 'utf8').catch(() => '');
}

/** Empty if the command is not there or fails. */
function outputOf(command: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve) => {
    execFile(command, [...args], { timeout: COMMAND_TIMEOUT_MS, windowsHide: true }, (error, stdout) =>
      resolve(error === null ? stdout : ''),
    );
  });
}
