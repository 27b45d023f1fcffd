/** Output: the logs of the server's parts and of single PCs, in the panel. */
import { lazy } from 'react';
import type { Contribution, WorkbenchServices } from '../../workbench/model.ts';
import { OUTPUT_PANEL, outputContext, serverChannels } from './keys.ts';
import { outputText } from './messages.ts';
import { showChannel } from './show-channel.ts';

const OutputPanel = lazy(() => import('./OutputPanel.tsx').then((module) => ({ default: module.OutputPanel })));

const pickAgent = async (services: WorkbenchServices) => (await import('./pick-agent.ts')).pickAgent(services);

/** While the panel is not there, nobody hears these. */
const whileShown = { when: `panelVisible && activePanel == ${OUTPUT_PANEL}`, whenReason: outputText.notShown };
const names = { server: outputText.server, indexer: outputText.indexer, broker: outputText.broker } as const;

function raise({ context }: WorkbenchServices, key: string): void {
  context.set(key, Number(context.get(key) ?? 0) + 1);
}

async function pickChannel(services: WorkbenchServices): Promise<void> {
  const { quickInput, text } = services;
  const accept = () => {};
  const picked = await quickInput.pick({
    title: text(outputText.pick),
    items: [
      ...serverChannels.map((id) => ({ id, label: text(names[id]), icon: 'output', accept })),
      { id: 'other', label: text(outputText.otherPc), icon: 'vm', accept },
    ],
  });
  if (picked?.id === 'other') await pickAgent(services);
  else if (picked !== undefined) showChannel(services, picked.id, picked.label);
}

export const outputContribution: Contribution = {
  panels: [{ id: OUTPUT_PANEL, title: outputText.title, order: 30, component: OutputPanel }],
  commands: [
    {
      id: 'harp.output.show',
      category: outputText.category,
      title: outputText.show,
      icon: 'output',
      run: ({ layout }) => layout.showPanel(OUTPUT_PANEL),
    },
    { id: 'harp.output.pickChannel', category: outputText.category, title: outputText.pick, run: pickChannel },
    {
      id: 'harp.output.showAgent',
      category: outputText.category,
      title: outputText.pickAgent,
      // With `{ id, hostname }` of an agent: its log at once.
      run: (services, argument) => {
        const agent = agentIn(argument);
        return agent === undefined ? pickAgent(services) : showChannel(services, `agent:${agent.id}`, agent.hostname);
      },
    },
    {
      id: 'harp.output.find',
      category: outputText.category,
      title: outputText.find,
      palette: false,
      run: (services, argument) => {
        services.context.update({
          [outputContext.filter]: typeof argument === 'string' ? argument : '',
          [outputContext.level]: 'debug',
        });
        showChannel(services, 'server', services.text(outputText.server));
      },
    },
    {
      id: 'harp.output.clear',
      category: outputText.category,
      title: outputText.clear,
      icon: 'clear-all',
      ...whileShown,
      run: (services) => raise(services, outputContext.clearAsked),
    },
    {
      id: 'harp.output.copy',
      category: outputText.category,
      title: outputText.copy,
      icon: 'copy',
      ...whileShown,
      run: (services) => raise(services, outputContext.copyAsked),
    },
    {
      id: 'harp.output.toggleFollow',
      category: outputText.category,
      title: outputText.follow,
      ...whileShown,
      run: ({ context }) => context.set(outputContext.follow, context.get(outputContext.follow) === false),
    },
    {
      id: 'harp.output.togglePause',
      category: outputText.category,
      title: outputText.pause,
      ...whileShown,
      run: ({ context }) => context.set(outputContext.paused, context.get(outputContext.paused) !== true),
    },
  ],
  keybindings: [{ command: 'harp.output.show', key: 'ctrl+shift+u' }],
  // What failed with a request's id leads to the lines of that request.
  menus: [{ menu: 'error/request', command: 'harp.output.find', group: 'navigation' }],
};

function agentIn(argument: unknown): { id: string; hostname: string } | undefined {
  if (typeof argument !== 'object' || argument === null || !('id' in argument) || typeof argument.id !== 'string')
    return undefined;
  const hostname = 'hostname' in argument && typeof argument.hostname === 'string' ? argument.hostname : argument.id;
  return { id: argument.id, hostname };
}
