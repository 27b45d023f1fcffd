/** A fleet that cannot be applied, with every reason and its place, so that the CLI can name the line of the file. */
import { type ErrorCode, HarpError } from '@harp/broker/protocol';
import { type FleetProblem, fieldOf } from '../../api/fleet-rules.ts';

/** One reason. `field` leads into the document: `folders[0].path`. */
export interface FieldProblem {
  field: string;
  message: string;
}

/** A refusal of a request whose body is wrong in known places. */
export class ProblemsError extends HarpError {
  readonly problems: readonly FieldProblem[];

  constructor(code: ErrorCode, problems: readonly FieldProblem[]) {
    const [first, ...rest] = problems;
    const more = rest.length === 0 ? '' : ` (and ${rest.length} more)`;
    super(code, first === undefined ? 'the request is not valid' : `${first.field}: ${first.message}${more}`);
    this.problems = problems;
  }
}

/** Throws what the rules found, if anything. @throws {ProblemsError} `code` */
export function refuse(code: ErrorCode, problems: readonly FleetProblem[]): void {
  if (problems.length === 0) return;
  throw new ProblemsError(
    code,
    problems.map(({ path, message }) => ({ field: fieldOf(path), message })),
  );
}
