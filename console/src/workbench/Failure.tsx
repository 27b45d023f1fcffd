'use client';
/** Keeps a failure where it happened: one editor, view or panel stops, the others go on. */
import { Component, type ReactNode } from 'react';

export interface FailureBoundaryProps {
  /** What to show in place of what failed. `retry` mounts it anew. */
  instead(error: unknown, retry: () => void): ReactNode;
  children: ReactNode;
}

interface FailureState {
  failure: { error: unknown } | undefined;
  /** Counts retries; what is inside begins from nothing each time. */
  attempt: number;
}

/** Shows its children until one throws while rendering. */
export class FailureBoundary extends Component<FailureBoundaryProps, FailureState> {
  override state: FailureState = { failure: undefined, attempt: 0 };

  static getDerivedStateFromError(error: unknown): Partial<FailureState> {
    return { failure: { error } };
  }

  override render() {
    const { failure, attempt } = this.state;
    if (failure !== undefined) {
      return this.props.instead(failure.error, () => this.setState({ failure: undefined, attempt: attempt + 1 }));
    }
    return <Attempt key={attempt}>{this.props.children}</Attempt>;
  }
}

function Attempt({ children }: { children: ReactNode }) {
  return children;
}

/** The words of whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
