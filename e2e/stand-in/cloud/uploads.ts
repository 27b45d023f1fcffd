import { type Content, concatContent } from './content.ts';

/** One chunked upload in progress: chunk name → bytes. */
export interface Upload {
  readonly chunks: Map<string, Content>;
}

/** Chunked uploads, kept per user and upload id. */
export class Uploads {
  private readonly open = new Map<string, Upload>();

  /** Returns false when the id is in use. */
  begin(userId: string, id: string): boolean {
    const key = `${userId}/${id}`;
    if (this.open.has(key)) return false;
    this.open.set(key, { chunks: new Map() });
    return true;
  }

  find(userId: string, id: string): Upload | undefined {
    return this.open.get(`${userId}/${id}`);
  }

  /** Takes over one `retain`. Returns true when the name was new. */
  async putChunk(upload: Upload, name: string, content: Content): Promise<boolean> {
    const replaced = upload.chunks.get(name);
    upload.chunks.set(name, content);
    await replaced?.release();
    return replaced === undefined;
  }

  /** Ends an upload and returns its chunks as one content; the caller takes over their `retain`. */
  finish(userId: string, id: string, upload: Upload): Content {
    this.open.delete(`${userId}/${id}`);
    return assembled(upload);
  }

  /** Ends an upload and drops its chunks. */
  async abort(userId: string, id: string, upload: Upload): Promise<void> {
    await this.finish(userId, id, upload).release();
  }
}

/** Chunks in the natural order of their names: 9 before 10. */
function assembled(upload: Upload): Content {
  const collator = new Intl.Collator('en', { numeric: true });
  return concatContent([...upload.chunks].sort(([a], [b]) => collator.compare(a, b)).map(([, content]) => content));
}
