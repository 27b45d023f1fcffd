/**
 * An office in network namespaces: PCs on bridges behind a router whose WAN interface is shaped with `tc tbf` in both directions. Needs root and
 * iproute2 on Linux; touches nothing outside the namespaces it makes but one veth end in the root namespace.
 */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import type { Placement } from './fleet.ts';

export interface OfficeNetworkOptions {
  /** Prefix of namespace and interface names, at most 6 characters. */
  name: string;
  pcs: number;
  wanMbit: number;
  /** PCs are spread over this many bridges; multicast does not cross them, routed traffic does. Default 1. */
  bridges?: number;
}

export interface OfficeNetwork {
  /** Address of the data centre as the office sees it. */
  readonly serverHost: string;
  /** Puts a process on PC `index` (0-based). */
  pc(index: number): Placement;
  /** All bytes that crossed the WAN interface so far, both directions, as the interface counts them. */
  wanBytes(): { received: number; sent: number };
  dispose(): void;
}

/** Why namespaces cannot be used here, in words for a person; undefined when they can. */
export function namespacesUnavailable(): string | undefined {
  if (process.platform !== 'linux') return 'network namespaces exist on Linux only';
  if (process.getuid?.() !== 0) return 'making network namespaces needs root';
  if (!['/usr/sbin/tc', '/sbin/tc', '/usr/bin/tc'].some(existsSync))
    return 'tc is missing (Debian: apt-get install iproute2)';
  try {
    execFileSync('ip', ['netns', 'add', 'harp-probe'], { stdio: 'pipe' });
    execFileSync('ip', ['netns', 'del', 'harp-probe'], { stdio: 'pipe' });
    return undefined;
  } catch (error) {
    return `network namespaces cannot be made here: ${error instanceof Error ? error.message.split('\n')[0] : String(error)}`;
  }
}

/** Room for one 64 KiB segment-offload frame and some: frames stay whole, so counters show content and protocol, not MTU headers. */
const TBF_BURST = '128k';
/** Queue of the line: 200 ms at 20 Mbit/s, as office routers have. */
const TBF_LATENCY = '200ms';

/** Builds the office. Remove it with `dispose`, also after a failure. */
export function createOfficeNetwork(options: OfficeNetworkOptions): OfficeNetwork {
  const { name, pcs, wanMbit } = options;
  const bridges = options.bridges ?? 1;
  const router = `${name}-rt`;
  const wanRoot = `${name}wan0`;
  const wanOffice = 'wan0';
  const pcName = (index: number) => `${name}-pc${index}`;
  const ip = (...args: string[]) => execFileSync('ip', args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const inside = (namespace: string, ...command: string[]) =>
    execFileSync('ip', ['netns', 'exec', namespace, ...command], {
      stdio: ['ignore', 'pipe', 'pipe'],
      encoding: 'utf8',
    });
  const quietly = (run: () => unknown) => {
    try {
      run();
    } catch {
      // what is not there need not be removed
    }
  };
  const dispose = () => {
    for (let index = 0; index < pcs; index++) quietly(() => ip('netns', 'del', pcName(index)));
    quietly(() => ip('netns', 'del', router));
    quietly(() => ip('link', 'del', wanRoot));
  };
  dispose();

  try {
    ip('netns', 'add', router);
    ip('link', 'add', wanRoot, 'type', 'veth', 'peer', 'name', wanOffice, 'netns', router);
    ip('addr', 'add', '10.99.0.1/30', 'dev', wanRoot);
    ip('link', 'set', wanRoot, 'up');
    inside(router, 'ip', 'addr', 'add', '10.99.0.2/30', 'dev', wanOffice);
    inside(router, 'ip', 'link', 'set', wanOffice, 'up');
    inside(router, 'ip', 'link', 'set', 'lo', 'up');
    inside(router, 'ip', 'route', 'add', 'default', 'via', '10.99.0.1');
    inside(router, 'sh', '-c', 'echo 1 > /proc/sys/net/ipv4/ip_forward');
    for (let bridge = 0; bridge < bridges; bridge++) {
      inside(router, 'ip', 'link', 'add', `br${bridge}`, 'type', 'bridge', 'mcast_snooping', '0');
      inside(router, 'ip', 'addr', 'add', `10.77.${bridge}.1/24`, 'dev', `br${bridge}`);
      inside(router, 'ip', 'link', 'set', `br${bridge}`, 'up');
    }
    ip('route', 'replace', '10.77.0.0/16', 'via', '10.99.0.2');
    for (let index = 0; index < pcs; index++) {
      const pc = pcName(index);
      const bridge = index % bridges;
      ip('netns', 'add', pc);
      ip('link', 'add', 'eth0', 'netns', pc, 'type', 'veth', 'peer', 'name', `p${index}`, 'netns', router);
      inside(router, 'ip', 'link', 'set', `p${index}`, 'master', `br${bridge}`, 'up');
      inside(pc, 'ip', 'link', 'set', 'lo', 'up');
      inside(pc, 'ip', 'addr', 'add', `10.77.${bridge}.${index + 10}/24`, 'dev', 'eth0');
      inside(pc, 'ip', 'link', 'set', 'eth0', 'up');
      inside(pc, 'ip', 'route', 'add', 'default', 'via', `10.77.${bridge}.1`);
      inside(pc, 'ip', 'route', 'add', '224.0.0.0/4', 'dev', 'eth0');
    }
    const shape = ['root', 'tbf', 'rate', `${wanMbit}mbit`, 'burst', TBF_BURST, 'latency', TBF_LATENCY];
    execFileSync('tc', ['qdisc', 'add', 'dev', wanRoot, ...shape], { stdio: 'pipe' });
    inside(router, 'tc', 'qdisc', 'add', 'dev', wanOffice, ...shape);
  } catch (error) {
    dispose();
    throw error;
  }

  const counter = (which: string) => Number(inside(router, 'cat', `/sys/class/net/${wanOffice}/statistics/${which}`));
  return {
    serverHost: '10.99.0.1',
    pc: (index) => (command, args) => ['ip', ['netns', 'exec', pcName(index), command, ...args]],
    wanBytes: () => ({ received: counter('rx_bytes'), sent: counter('tx_bytes') }),
    dispose,
  };
}
