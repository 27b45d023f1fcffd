import { randomText } from './random-text.ts';

/** What a finished login flow hands to the poller, once. */
export interface Grant {
  loginName: string;
  appPassword: string;
}

interface Flow {
  readonly pollToken: string;
  readonly clientName: string;
  grant: Grant | undefined;
}

/** Open flows of Login Flow v2. */
export class LoginFlows {
  private readonly byFlowToken = new Map<string, Flow>();

  /** Opens a flow; `clientName` (the User-Agent) becomes the name of the app password. */
  start(clientName: string): { pollToken: string; flowToken: string } {
    const flow: Flow = { pollToken: randomText(128), clientName, grant: undefined };
    const flowToken = randomText(128);
    this.byFlowToken.set(flowToken, flow);
    return { pollToken: flow.pollToken, flowToken };
  }

  /** Name of the client that waits, or undefined for an unknown or finished flow. */
  clientOf(flowToken: string): string | undefined {
    return this.byFlowToken.get(flowToken)?.clientName;
  }

  /** The user said yes in the browser. */
  grant(flowToken: string, grant: Grant): boolean {
    const flow = this.byFlowToken.get(flowToken);
    if (flow === undefined) return false;
    flow.grant = grant;
    return true;
  }

  /** Gives the grant away, once; undefined while the user has not decided. */
  poll(pollToken: string): Grant | undefined {
    for (const [flowToken, flow] of this.byFlowToken) {
      if (flow.pollToken !== pollToken || flow.grant === undefined) continue;
      this.byFlowToken.delete(flowToken);
      return flow.grant;
    }
    return undefined;
  }
}
