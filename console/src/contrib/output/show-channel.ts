import type { WorkbenchServices } from '../../workbench/model.ts';
import { OUTPUT_PANEL, outputContext } from './keys.ts';

/** Shows a channel in the panel. */
export function showChannel({ context, layout }: WorkbenchServices, channel: string, name: string): void {
  context.update({ [outputContext.channel]: channel, [outputContext.name]: name, [outputContext.paused]: false });
  layout.showPanel(OUTPUT_PANEL);
}
