'use client';
/** What the file consists of: every chunk with its place, size and name, who holds it, and what another version shares with this one. */
import { useQuery } from '@tanstack/react-query';
import { useId, useMemo, useState } from 'react';
import { ApiError } from '../../api/client.ts';
import { manifestQuery } from '../../api/queries.ts';
import type { FileDetail } from '../../api/schemas.ts';
import { useFormat, useText } from '../../i18n/I18n.tsx';
import { IconButton } from '../../ui/Button.tsx';
import { ChartFrame } from '../../ui/charts/ChartFrame.tsx';
import { copyText } from '../../ui/copy-text.ts';
import { Facts } from '../../ui/Facts.tsx';
import { Empty, State } from '../../ui/states.tsx';
import type { Column } from '../../ui/table/model.ts';
import { useWorkbench } from '../../workbench/services.tsx';
import { ChunkMap } from './ChunkMap.tsx';
import { type ChunkCell, cellsOf, sumsOf } from './chunk-map.ts';
import { contentEditorText } from './editor-messages.ts';
import type { FileTabProps } from './FileEditor.tsx';
import { contentText } from './messages.ts';

/** The tab. `with` in the address is the manifest that is compared. */
export function FileChunks({ detail, params, setParams }: FileTabProps) {
  const text = useText();
  if (detail.file === null) return <Empty sentence={text(contentEditorText.fileDeleted)} />;
  if (detail.chunksTotal === 0) return <Empty sentence={text(contentEditorText.emptyFile)} />;
  return (
    <Chunks
      detail={detail}
      other={params.with}
      compare={(manifest) => setParams({ tab: 'chunks', ...(manifest === '' ? {} : { with: manifest }) })}
    />
  );
}

interface ChunksProps {
  detail: FileDetail;
  other: string | undefined;
  compare(manifest: string): void;
}

function Chunks({ detail, other, compare }: ChunksProps) {
  const text = useText();
  const format = useFormat();
  const [chosen, setChosen] = useState(0);
  const seq = detail.versions.find(({ manifest }) => manifest === other)?.seq;
  const compared = useQuery({ ...manifestQuery(detail.folderId, other ?? '', seq), enabled: other !== undefined });
  const otherIds = useMemo(
    () => (compared.data === undefined ? undefined : new Set(compared.data.chunks.map(({ id }) => id))),
    [compared.data],
  );
  const cells = useMemo(() => cellsOf(detail.chunks, otherIds), [detail.chunks, otherIds]);
  const sums = useMemo(() => sumsOf(cells), [cells]);
  const columns = useMemo(
    (): Column<ChunkCell>[] => [
      { id: 'index', title: text(contentEditorText.number), value: ({ index }) => index + 1, align: 'end', width: 80 },
      {
        id: 'offset',
        title: text(contentEditorText.offset),
        value: ({ offset }) => offset,
        render: ({ offset }) => format.count(offset),
        align: 'end',
        width: 140,
      },
      {
        id: 'size',
        title: text(contentEditorText.size),
        value: ({ size }) => size,
        render: ({ size }) => format.bytes(size),
        align: 'end',
        width: 100,
      },
      {
        id: 'id',
        title: text(contentEditorText.chunkId),
        value: ({ id }) => id,
        render: ({ id }) => <span className="code">{id}</span>,
        width: 480,
      },
      {
        id: 'repeats',
        title: text(contentEditorText.occurs),
        value: ({ repeats }) => repeats,
        align: 'end',
        width: 90,
      },
    ],
    [text, format],
  );
  const cell = cells[Math.min(chosen, cells.length - 1)];
  const shared = otherIds !== undefined;
  return (
    <>
      <Comparison detail={detail} other={other} compare={compare} error={compared.error} />
      <ChartFrame
        question={text(contentEditorText.chunkQuestion)}
        unit={text(contentEditorText.chunkUnit)}
        columns={columns}
        rows={cells}
        rowKey={({ index }) => String(index)}
        csvName={`chunks-${detail.folderId}`}
        legend={[
          { label: text(contentEditorText.legendOnce), color: 'a' },
          { label: text(contentEditorText.legendRepeated), color: 'b' },
          ...(shared ? [{ label: text(contentEditorText.legendShared), color: 'c' } as const] : []),
        ]}
        answer={
          shared
            ? text(contentEditorText.chunkAnswerShared, {
                shared: format.bytes(sums.sharedBytes),
                share: format.share(sums.sharedBytes, sums.bytes),
                rest: format.bytes(sums.bytes - sums.sharedBytes),
              })
            : text(contentEditorText.chunkAnswer, {
                count: sums.chunks,
                distinct: sums.distinct,
                bytes: format.bytes(sums.distinctBytes),
              })
        }
        height={320}
      >
        <ChunkMap cells={cells} chosen={chosen} onChoose={setChosen} />
      </ChartFrame>
      {detail.chunks.length < detail.chunksTotal ? (
        <p className="muted">
          {text(contentEditorText.firstChunks, { shown: detail.chunks.length, total: detail.chunksTotal })}
        </p>
      ) : null}
      {cell === undefined ? null : <ChunkFacts cell={cell} detail={detail} />}
    </>
  );
}

/** Which other version the chunks are compared with. */
function Comparison({ detail, other, compare, error }: ChunksProps & { error: Error | null }) {
  const text = useText();
  const format = useFormat();
  const id = useId();
  const present = detail.file?.manifest;
  const versions = detail.versions.filter(
    ({ manifest }, index, all) =>
      manifest !== null && manifest !== present && all.findIndex((each) => each.manifest === manifest) === index,
  );
  if (versions.length === 0) return <p className="muted">{text(contentEditorText.onlyVersion)}</p>;
  const isGone = error instanceof ApiError && error.code === 'blob.absent';
  return (
    <p className="content-compare">
      <label htmlFor={id}>{text(contentEditorText.compareWith)}</label>{' '}
      <select id={id} value={other ?? ''} onChange={(event) => compare(event.target.value)}>
        <option value="">{text(contentEditorText.compareNothing)}</option>
        {versions.map(({ manifest, seq, atMs, sizeBytes }) => (
          <option key={seq} value={manifest ?? ''}>
            {text(contentEditorText.versionOption, { seq, at: format.dateTime(atMs), size: format.bytes(sizeBytes) })}
          </option>
        ))}
      </select>{' '}
      {error === null ? null : (
        <State tone="warning">{isGone ? text(contentEditorText.manifestGone) : <bdi>{error.message}</bdi>}</State>
      )}
    </p>
  );
}

function ChunkFacts({ cell, detail }: { cell: ChunkCell; detail: FileDetail }) {
  const text = useText();
  const format = useFormat();
  const { notifications } = useWorkbench();
  const holding = detail.holders.filter(({ holds }) => holds === true);
  const places = useMemo(
    () => detail.chunks.flatMap(({ id, offset }) => (id === cell.id && offset !== cell.offset ? [offset] : [])),
    [detail.chunks, cell],
  );
  return (
    <section className="content-chunk">
      <h2>{text(contentEditorText.chunkTitle, { number: cell.index + 1 })}</h2>
      <Facts
        facts={[
          { name: text(contentEditorText.offset), value: format.count(cell.offset) },
          { name: text(contentEditorText.size), value: format.bytes(cell.size), title: format.count(cell.size) },
          {
            name: text(contentEditorText.chunkId),
            value: (
              <>
                <span className="code content-hash">{cell.id}</span>
                <IconButton
                  icon="copy"
                  title={text(contentText.copyId)}
                  run={() =>
                    void copyText(cell.id).then((copied) =>
                      notifications.show({
                        severity: copied ? 'info' : 'warning',
                        source: text(contentText.category),
                        message: text(copied ? contentText.copied : contentText.notCopied, { text: cell.id }),
                        key: 'harp.content.copy',
                      }),
                    )
                  }
                />
              </>
            ),
          },
          {
            name: text(contentEditorText.alsoAt),
            value:
              places.length === 0
                ? text(contentEditorText.nowhereElse)
                : places
                    .slice(0, 8)
                    .map((offset) => format.count(offset))
                    .join(' · ') + (places.length > 8 ? ' …' : ''),
          },
          {
            name: text(contentEditorText.heldBy),
            value: text(contentEditorText.pcsOf, { count: holding.length, total: detail.holdersTotal }),
          },
        ]}
      />
      <p className="muted">{text(contentEditorText.whoHolds)}</p>
      <ul className="content-holders">
        {holding.slice(0, 50).map(({ agentId, hostname, officeName, state }) => (
          <li key={agentId}>
            <State tone={state === 'online' ? 'ok' : 'unknown'} icon={state === 'online' ? 'vm-active' : 'vm-outline'}>
              <bdi>{hostname}</bdi> <bdi className="muted">{officeName}</bdi>{' '}
              <span className="visually-hidden">
                {text(state === 'online' ? contentEditorText.online : contentEditorText.offline)}
              </span>
            </State>
          </li>
        ))}
      </ul>
      {holding.length > 50 ? (
        <p className="muted">{text(contentEditorText.listedOnly, { shown: 50, total: holding.length })}</p>
      ) : null}
    </section>
  );
}
