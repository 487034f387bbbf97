import { FieldType, formattedValueToString, getFieldDisplayName, type DataFrame, type PanelData } from '@grafana/data';
import { LegendDisplayMode } from '@grafana/schema';
import { Alert, TimeSeries } from '@grafana/ui';
import React from 'react';

/** What a query gave: lines where the frames have a time and numbers, a table for the rest. */
export const Results = ({ data }: { readonly data: PanelData }) => {
  const frames = data.series.filter(({ length }) => length > 0);
  const lines = frames.filter(isSeries);
  return (
    <section aria-label="Results" data-query={JSON.stringify(data.request?.targets[0])}>
      {data.errors?.map(({ message }, index) => (
        <Alert key={index} severity="error" title={message ?? 'The query failed'} />
      ))}
      {frames.length === 0 && (data.errors ?? []).length === 0 && <p>No data</p>}
      {lines.length > 0 && (
        <TimeSeries
          frames={lines}
          width={900}
          height={300}
          timeRange={data.timeRange}
          timeZone="browser"
          legend={{ showLegend: false, displayMode: LegendDisplayMode.Hidden, placement: 'bottom', calcs: [] }}
        />
      )}
      {frames.map((frame, index) => (
        <FrameTable key={index} frame={frame} all={frames} />
      ))}
    </section>
  );
};

export const isSeries = (frame: DataFrame) =>
  frame.fields[0]?.type === FieldType.time && frame.fields.slice(1).every(({ type }) => type === FieldType.number);

const FrameTable = ({ frame, all }: { readonly frame: DataFrame; readonly all: DataFrame[] }) => (
  <table aria-label={frame.name ?? frame.refId ?? 'frame'} style={{ width: '100%' }}>
    <thead>
      <tr>
        {frame.fields.map((field) => (
          <th key={field.name} style={{ textAlign: 'left' }}>
            {getFieldDisplayName(field, frame, all)}
          </th>
        ))}
      </tr>
    </thead>
    <tbody>
      {Array.from({ length: Math.min(frame.length, 200) }, (_, row) => (
        <tr key={row}>
          {frame.fields.map((field) => (
            <td key={field.name}>
              {field.display === undefined
                ? String(field.values[row])
                : formattedValueToString(field.display(field.values[row]))}
            </td>
          ))}
        </tr>
      ))}
    </tbody>
  </table>
);
