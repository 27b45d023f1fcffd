import type { Contribution } from '../../workbench/model.ts';
import { AgentEditor } from './AgentEditor.tsx';
import { DataAge, FleetStatus, LiveStatus } from './FleetStatus.tsx';
import { FleetView } from './FleetView.tsx';
import { OfficeEditor } from './OfficeEditor.tsx';

export const fleetContribution: Contribution = {
  views: [{ id: 'harp.view.fleet', title: 'Fleet', icon: 'organization', order: 10, component: FleetView }],
  editors: [
    { id: 'harp.editor.office', component: OfficeEditor },
    { id: 'harp.editor.agent', component: AgentEditor },
  ],
  status: [
    { id: 'harp.status.live', side: 'left', order: 10, component: LiveStatus },
    { id: 'harp.status.fleet', side: 'left', order: 20, component: FleetStatus },
    { id: 'harp.status.age', side: 'right', order: 10, component: DataAge },
  ],
};
