import type { z } from 'zod';
import type { ControlCalls } from './control.ts';
import type { NodeFacts } from './tree-access.ts';

type Result<Name extends keyof ControlCalls> = Awaited<ReturnType<ControlCalls[Name]['run']>>;

/** A stand-in in another process, as the tests see it. Failures of a call reject with the message of the other side. */
export interface ControlClient {
  call<Name extends keyof ControlCalls>(name: Name, input: z.input<ControlCalls[Name]['input']>): Promise<Result<Name>>;
  /** Streams a file of any size into a user's tree. */
  upload(
    user: string,
    path: string,
    body: ReadableStream | Uint8Array<ArrayBuffer>,
    mtimeMs?: number,
  ): Promise<NodeFacts>;
}

/** Connects to the `controlUrl` that main.ts prints. */
export function controlClient(controlUrl: string): ControlClient {
  const ask = async (path: string, init: RequestInit): Promise<unknown> => {
    const response = await fetch(`${controlUrl}/${path}`, init);
    const body: unknown = await response.json();
    if (!response.ok) throw new Error(`the stand-in refused ${path}: ${JSON.stringify(body)}`);
    return body;
  };
  return {
    async call<Name extends keyof ControlCalls>(
      name: Name,
      input: z.input<ControlCalls[Name]['input']>,
    ): Promise<Result<Name>> {
      return (await ask(name, { method: 'POST', body: JSON.stringify(input) })) as Result<Name>;
    },
    async upload(user, path, body, mtimeMs) {
      const segments = [user, ...path.split('/').filter(Boolean)].map(encodeURIComponent).join('/');
      const query = mtimeMs === undefined ? '' : `?mtimeMs=${mtimeMs}`;
      return (await ask(`files/${segments}${query}`, {
        method: 'PUT',
        body,
        duplex: 'half',
      } as RequestInit)) as NodeFacts;
    },
  };
}
