'use client';
/** Which columns a table shows, and how wide: everything that can be dragged in its head, for keyboard and touch as well. */
import { useText } from '../../i18n/I18n.tsx';
import { IconButton, LinkButton } from '../Button.tsx';
import { messages } from '../messages.ts';
import { Popover } from '../Popover.tsx';
import { type ColumnChoices, noChoices, shownColumns, widthOf } from './arrange.ts';
import type { Column } from './model.ts';

/** How much wider one press makes a column, in pixels. */
const STEP_PIXELS = 24;

export interface ColumnChooserProps<Row> {
  columns: readonly Column<Row>[];
  choices: ColumnChoices;
  onChange(choices: ColumnChoices): void;
}

export function ColumnChooser<Row>({ columns, choices, onChange }: ColumnChooserProps<Row>) {
  const text = useText();
  const shown = new Set(shownColumns(columns, choices).map(({ id }) => id));
  const resize = (column: Column<Row>, byPixels: number) =>
    onChange({ ...choices, widths: { ...choices.widths, [column.id]: widthOf(column, choices) + byPixels } });
  return (
    <Popover icon="settings" title={text(messages.columns)}>
      <ul className="column-list">
        {columns.map((column) => {
          const isLast = shown.size === 1 && shown.has(column.id);
          return (
            <li key={column.id}>
              <label>
                <input
                  type="checkbox"
                  checked={shown.has(column.id)}
                  disabled={isLast}
                  onChange={(event) =>
                    onChange({ ...choices, shown: { ...choices.shown, [column.id]: event.target.checked } })
                  }
                />
                <span>{column.title}</span>
              </label>
              <IconButton
                icon="remove"
                title={text(messages.columnNarrower, { column: column.title })}
                run={() => resize(column, -STEP_PIXELS)}
              />
              <IconButton
                icon="add"
                title={text(messages.columnWider, { column: column.title })}
                run={() => resize(column, STEP_PIXELS)}
              />
            </li>
          );
        })}
      </ul>
      <LinkButton run={() => onChange(noChoices)}>{text(messages.columnsReset)}</LinkButton>
    </Popover>
  );
}
