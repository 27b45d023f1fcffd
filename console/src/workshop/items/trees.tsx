'use client';
import { useMemo, useState } from 'react';
import { Tree, type TreeNode } from '../../ui/Tree.tsx';
import { worstTone } from '../../ui/tone.ts';
import { type SamplePc, samplePcs } from './samples.ts';

function officeNodes(pcs: readonly SamplePc[]): TreeNode[] {
  const offices = new Map<string, SamplePc[]>();
  for (const pc of pcs) offices.set(pc.office, [...(offices.get(pc.office) ?? []), pc]);
  return [...offices].map(([office, members]) => ({
    id: office,
    name: office,
    icon: 'organization',
    tone: worstTone(members.map(({ tone }) => tone)),
    description: `${members.filter(({ tone }) => tone === 'ok').length}/${members.length}`,
    children: members.map((pc) => ({
      id: pc.id,
      name: pc.name,
      icon: pc.icon,
      tone: pc.tone,
      description: pc.words,
      title: `${pc.name}: ${pc.words}`,
      ...(pc.tone === 'error' ? { badge: 3 } : {}),
      actions: [
        { command: 'harp.refresh', icon: 'refresh', title: 'Ask Again' },
        { command: 'harp.open', icon: 'go-to-file', title: 'Open Log' },
      ],
    })),
  }));
}

export function TreeItem() {
  const nodes = useMemo(
    () => officeNodes(samplePcs(40).map((pc, index) => ({ ...pc, office: `Office ${1 + (index % 4)}` }))),
    [],
  );
  return <Shown nodes={nodes} label="Offices and PCs" />;
}

export function LargeTreeItem() {
  const nodes = useMemo(() => officeNodes(samplePcs(10_000, false)), []);
  return <Shown nodes={nodes} label="10 000 PCs" />;
}

function Shown({ nodes, label }: { nodes: readonly TreeNode[]; label: string }) {
  const [opened, setOpened] = useState('');
  return (
    <div className="workshop-side side-bar">
      <Tree
        label={label}
        nodes={nodes}
        onOpen={({ name }, { preview }) => setOpened(`${name} ${preview ? 'preview' : 'kept'}`)}
        onContextMenu={(targets) => setOpened(`menu of ${targets.length}`)}
        onSelect={(ids) => setOpened(`${ids.size} selected`)}
      />
      <output>{opened}</output>
    </div>
  );
}
