/** Where a logger prints to. */
export interface LineSink {
  write(line: string): unknown;
}

/** Prints to `out` and shows each line to `copy`, which must not log. */
export function copiedLines(out: LineSink, copy: (line: string) => void): LineSink {
  return {
    write(line) {
      out.write(line);
      copy(line);
    },
  };
}
