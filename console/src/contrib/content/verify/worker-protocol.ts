/** What the page and the worker that checks say to each other. One answer per question, in order. */
import type { Checker } from './checker.ts';

type Call = 'begin' | 'take' | 'end';

export type Question = { [K in Call]: { id: number; call: K; argument: Parameters<Checker[K]>[0] } }[Call];

export type Answer =
  | { id: number; kind: 'done'; result: unknown }
  | { id: number; kind: 'failed'; message: string }
  /** The worker runs. */
  | { id: 0; kind: 'ready' };

/** Answers a question by a checker. */
export async function answerBy(checker: Checker, question: Question): Promise<Answer> {
  const { id } = question;
  try {
    switch (question.call) {
      case 'begin':
        return { id, kind: 'done', result: await checker.begin(question.argument) };
      case 'take':
        return { id, kind: 'done', result: await checker.take(question.argument) };
      case 'end':
        return { id, kind: 'done', result: await checker.end(question.argument) };
    }
  } catch (error) {
    return { id, kind: 'failed', message: error instanceof Error ? error.message : String(error) };
  }
}

/** The side of a worker that a page needs; a test gives its own. */
export interface WorkerLike {
  postMessage(message: Question): void;
  onmessage: ((event: MessageEvent<Answer>) => void) | null;
  onerror: ((event: ErrorEvent) => void) | null;
  terminate(): void;
}

/** A checker in a worker. Rejects what is asked when the worker breaks. */
export function checkerIn(worker: WorkerLike): Checker {
  const waiting = new Map<number, { resolve(result: unknown): void; reject(error: Error): void }>();
  let lastId = 0;
  const failAll = (message: string) => {
    for (const { reject } of waiting.values()) reject(new Error(message));
    waiting.clear();
  };
  worker.onmessage = ({ data }) => {
    if (data.kind === 'ready') return;
    const asked = waiting.get(data.id);
    waiting.delete(data.id);
    if (data.kind === 'done') asked?.resolve(data.result);
    else asked?.reject(new Error(data.message));
  };
  worker.onerror = (event) => failAll(event.message || 'the worker failed');
  const ask = <K extends Call>(call: K, argument: Parameters<Checker[K]>[0]): ReturnType<Checker[K]> => {
    lastId += 1;
    const id = lastId;
    return new Promise<unknown>((resolve, reject) => {
      waiting.set(id, { resolve, reject });
      worker.postMessage({ id, call, argument } as Question);
    }) as ReturnType<Checker[K]>;
  };
  return {
    begin: (start) => ask('begin', start),
    take: (entries) => ask('take', entries),
    end: (claim) => ask('end', claim),
    dispose() {
      worker.terminate();
      failAll('cancelled');
    },
  };
}
