import { Stack, Tag } from '@grafana/ui';
import React from 'react';

/** Labels of an instance, `key=value` each. */
export const Labels = ({ labels }: { readonly labels: Readonly<Record<string, string>> }) => (
  <Stack gap={0.5} wrap="wrap">
    {Object.entries(labels).map(([key, value]) => (
      <Tag key={key} name={`${key}=${value}`} />
    ))}
  </Stack>
);
