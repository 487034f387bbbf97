import {
  CoreApp,
  type AnnotationEvent,
  type AnnotationQuery,
  type AnnotationSupport,
  type DataQuery,
} from '@grafana/data';
import { Button, Stack } from '@grafana/ui';
import React, { useState, type ComponentType } from 'react';
import { lastValueFrom, of } from 'rxjs';

import { PluginPage } from '../shell/PluginPage';
import { readRange } from './range';
import { requestFor, runQueries } from './runQueries';
import { useDataSource } from './useDataSource';

/** The editor of a dashboard's annotations, and the events that it gives. */
export const AnnotationsPage = () => {
  const source = useDataSource();
  const support = source?.annotations as AnnotationSupport<DataQuery> | undefined;
  const [annotation, setAnnotation] = useState<AnnotationQuery>({ name: 'Events', enable: true, iconColor: 'red' });
  const [events, setEvents] = useState<readonly AnnotationEvent[]>();

  const prepared = support?.prepareAnnotation?.(annotation) ?? annotation;

  const run = async () => {
    if (source === undefined || support === undefined) return;
    const query = support.prepareQuery?.(prepared) ?? prepared.target;
    if (query === undefined) return;
    const { series } = await runQueries(
      source,
      requestFor([{ ...query, refId: 'Anno' }], readRange(), CoreApp.Dashboard),
    );
    const found =
      support.processEvents === undefined ? undefined : await lastValueFrom(support.processEvents(prepared, series));
    setEvents(found ?? (await lastValueFrom(of(fromFrames(series)))));
  };

  const Editor = support?.QueryEditor as ComponentType<Record<string, unknown>> | undefined;
  return (
    <PluginPage pageNav={{ text: 'Annotations' }}>
      {Editor !== undefined && (
        <Stack direction="column">
          <Editor
            datasource={source}
            query={prepared.target}
            annotation={prepared}
            onAnnotationChange={setAnnotation}
            onChange={(target: DataQuery) => setAnnotation({ ...prepared, target })}
            onRunQuery={() => void run()}
            range={readRange()}
          />
          <div>
            <Button onClick={() => void run()}>Show events</Button>
          </div>
          <ul aria-label="Events">
            {events?.map(({ time, title, text, tags }, index) => (
              <li key={index}>
                {new Date(time ?? 0).toISOString().slice(0, 10)} {title} {text} [{tags?.join(', ')}]
              </li>
            ))}
          </ul>
        </Stack>
      )}
    </PluginPage>
  );
};

/** As Grafana reads frames without help: fields by their name. */
function fromFrames(
  frames: readonly { fields: readonly { name: string; values: readonly unknown[] }[]; length: number }[],
): AnnotationEvent[] {
  return frames.flatMap((frame) =>
    Array.from(
      { length: frame.length },
      (_, row) => Object.fromEntries(frame.fields.map(({ name, values }) => [name, values[row]])) as AnnotationEvent,
    ),
  );
}
