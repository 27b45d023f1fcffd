/**
 * Every way into Harp: gateway, enrolment, certificate requests, MQTT, peers, REST API, token strings, enrol.json, fleet files. Sockets are real, and so
 * is what listens at them; what is read from strings and files is read by the real code, now and then by the real command.
 */
import { type FolderId, gatewayPaths, parseToken, peerPaths } from '@harp/broker/protocol';
import fc from 'fast-check';
import { certificateRequestFor } from '../harness/foreign-ca.ts';
import type { AgentIdentity } from '../harness/identity.ts';
import { jsonText, nearly } from './bytes.ts';
import { fleetFileEntrance } from './fleet-files.ts';
import { ask } from './http-entrance.ts';
import { httpInputs, requestBytes } from './http-inputs.ts';
import { type HttpBytes, type HttpLine, openLine } from './http-line.ts';
import { enrolFileEntrance, tokenEntrance } from './local-entrances.ts';
import { mqttSender } from './mqtt-entrance.ts';
import { mqttInputs } from './mqtt-inputs.ts';
import { mqttStrangerSender, strangerInputs } from './mqtt-strangers.ts';
import { OpenApi, restInputs } from './openapi-inputs.ts';
import { certificateRequests, enrolBodies, newRequests, waitBodies } from './requests.ts';
import { type Run, sendAll } from './run.ts';
import { type Counter, createCounter, type Tally } from './tally.ts';
import { type FuzzWorld, peerPortOf } from './world.ts';

/** In the order in which they get their inputs. */
export const entranceNames = [
  'gateway',
  'enrolment',
  'csr',
  'mqtt',
  'mqttStranger',
  'peer',
  'rest',
  'restStranger',
  'token',
  'enrolFile',
  'fleetFile',
] as const;
type EntranceName = (typeof entranceNames)[number];

/** Failures that one address has before it is told to wait; a few are left for what the server counts besides. */
const FAILURES_PER_ADDRESS = 15;

interface Entrance {
  name: EntranceName;
  send(run: Run): Promise<Tally>;
}

/** All entrances of a fleet that was prepared for it. */
export async function entrancesOf(fuzz: FuzzWorld): Promise<Entrance[]> {
  const { server } = fuzz.world;
  const senders: Record<EntranceName, (run: Run, counter: Counter) => Promise<void>> = {
    ...(await gatewaySenders(fuzz)),
    ...(await mqttSenders(fuzz)),
    peer: (run, counter) => {
      const { folder, good } = fuzz;
      const paths = [peerPaths.hello, peerPaths.have(folder), peerPaths.chunks(folder), peerPaths.blobs(folder)];
      const lines = [...fuzz.intruders, ...fuzz.intruders].map(({ tls }) => openLine(peerPortOf(good), tls));
      return sendOver(lines, httpInputs(paths, jsonText(wants)), run, counter);
    },
    ...(await restSenders(fuzz)),
    token: tokenEntrance(fuzz.token),
    enrolFile: enrolFileEntrance(fuzz.token),
    fleetFile: fleetFileEntrance(server),
  };
  return entranceNames.map((name) => ({
    name,
    async send(run) {
      const counter = createCounter(name);
      await senders[name](run, counter);
      return counter.tally();
    },
  }));
}

async function gatewaySenders({ world: { server }, intruders, folder, foreignFolder, token }: FuzzWorld) {
  const csrs = await newRequests(20);
  const ownCsrs = await Promise.all(intruders.map(({ tls }) => certificateRequestFor(tls.key)));
  const secret = parseToken(token).s;
  const members = () => intruders.map(({ tls }) => openLine(server.gatewayPort, tls));
  const strangers = () => intruders.map(() => openLine(server.gatewayPort, { rejectUnauthorized: false }));
  const post = (path: string) => (body: string) =>
    requestBytes({ method: 'POST', path, headers: [['host', 'localhost']], body });
  const asked = fc.oneof(
    { weight: 3, arbitrary: enrolBodies(csrs, secret).map(post(gatewayPaths.enrol)) },
    { weight: 1, arbitrary: waitBodies().map(post(gatewayPaths.enrolWait)) },
  );
  const renewals = certificateRequests(ownCsrs).map((csr) => post(gatewayPaths.renew)(JSON.stringify({ csr })));
  return {
    gateway: (run: Run, counter: Counter) =>
      sendOver(
        [...members().slice(0, 3), ...strangers().slice(0, 3)],
        httpInputs(gatewayRoutes(folder, foreignFolder), gatewayBodies(csrs, secret)),
        run,
        counter,
        FAILURES_PER_ADDRESS,
      ),
    enrolment: (run: Run, counter: Counter) => sendOver(strangers(), asked, run, counter, FAILURES_PER_ADDRESS),
    csr: (run: Run, counter: Counter) => sendOver(members(), renewals, run, counter),
  };
}

function gatewayRoutes(...folders: readonly FolderId[]): string[] {
  const { blobs, ...others } = gatewayPaths;
  return [...Object.values(others), ...folders.map((each) => blobs(each))];
}

function gatewayBodies(csrs: readonly string[], secret: string): fc.Arbitrary<string> {
  return fc.oneof(
    enrolBodies(csrs, secret),
    waitBodies(),
    jsonText(wants),
    certificateRequests(csrs).map((csr) => JSON.stringify({ csr })),
    jsonText(fc.record({ roots: nearly(fc.array(nearly(fc.constant('ab'.repeat(32))))) })),
  );
}

async function mqttSenders({ world: { server }, good, intruders }: FuzzWorld) {
  const [first] = intruders as [AgentIdentity];
  const strange = await strangerInputs(first.agent, good.id as AgentIdentity['agent']);
  return {
    mqtt: async (run: Run, counter: Counter) => {
      // Inputs name one agent: whoever sends them is that one in its own eyes, so each has a stream of its own.
      const share = Math.ceil(run.inputs / intruders.length);
      await Promise.all(
        intruders.map((intruder, index) => {
          const other = intruder === first ? (good.id as AgentIdentity['agent']) : first.agent;
          const own = {
            inputs: Math.min(share, Math.max(0, run.inputs - index * share)),
            seed: run.seed + index * 1_000_003,
          };
          return sendAll(own, mqttInputs(intruder.agent, other), [mqttSender(server.mqttPort, intruder, counter)]);
        }),
      );
    },
    mqttStranger: (run: Run, counter: Counter) =>
      sendAll(
        run,
        strange,
        intruders.map(() => mqttStrangerSender(server.mqttPort, counter)),
      ),
  };
}

async function restSenders({ world: { server }, intruders, access }: FuzzWorld) {
  const openApi = OpenApi.parse(await (await fetch(`${server.url}/api/v1/openapi.json`)).json());
  const port = Number(new URL(server.url).port);
  const raw = httpInputs(
    Object.keys(openApi.paths).map((path) => path.replaceAll(/[{}]/g, '')),
    jsonText(wants),
  );
  const send = (who: 'owner' | 'stranger') => (run: Run, counter: Counter) => {
    const inputs = fc.oneof({ weight: 9, arbitrary: restInputs(openApi, access, who) }, { weight: 1, arbitrary: raw });
    const lines = intruders.map(() => openLine(port));
    return sendOver(lines, inputs, run, counter, FAILURES_PER_ADDRESS);
  };
  return { rest: send('owner'), restStranger: send('stranger') };
}

/** `perAddress`: refusals after which a sender comes from another address. */
async function sendOver(
  lines: readonly HttpLine[],
  inputs: fc.Arbitrary<HttpBytes>,
  run: Run,
  counter: Counter,
  perAddress = Number.POSITIVE_INFINITY,
): Promise<void> {
  const sender = (line: HttpLine) => {
    let refused = 0;
    return async (request: HttpBytes, index: number) => {
      const outcome = await ask(line, request, index, counter);
      if (typeof outcome !== 'string' && outcome.status >= 400) refused += 1;
      if (refused < perAddress) return;
      line.renew();
      refused = 0;
    };
  };
  await sendAll(run, inputs, lines.map(sender));
  for (const line of lines) line.renew();
}

const id = fc.stringMatching(/^[0-9a-f]{64}$/);
/** Bodies of peers' and agents' questions for items. Waiting for what nobody has is answered late, on purpose, so few say that they will. */
const wants = fc.record(
  {
    ids: nearly(fc.array(nearly(id, 60), { minLength: 1, maxLength: 8 })),
    waitMs: nearly(
      fc.oneof({ weight: 200, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.constantFrom(1, 100, 60_000) }),
      40,
    ),
  },
  { requiredKeys: ['ids'] },
);
