import { t } from '@grafana/i18n';
import { Alert, Stack } from '@grafana/ui';
import React from 'react';

import { Findings } from '../../components/Findings';
import { Failure } from '../../components/States';
import type { useTestInstance } from '../../data/hooks';
import { plain } from '../../format';

/** What a login found, or why there was none. */
export const TestResult = ({ test }: { readonly test: ReturnType<typeof useTestInstance> }) => {
  const { data, error } = test;
  if (error !== null) return <Failure error={error} />;
  if (data === undefined) return null;
  return (
    <Alert
      severity={data.findings.length === 0 ? 'success' : 'warning'}
      title={
        data.databases === null
          ? t(
              'instance-form.tested-unlisted',
              '{{version}}: its databases are not listed',
              plain({ version: data.server_version }),
            )
          : t(
              'instance-form.tested',
              '{{version}}: {{databases}} databases can be measured',
              plain({ version: data.server_version, databases: data.databases }),
            )
      }
    >
      <Stack direction="column" gap={1}>
        <span>
          {data.encrypted
            ? t('instance-form.encrypted', 'The connection is encrypted.')
            : t('instance-form.unencrypted', 'The connection is not encrypted.')}
        </span>
        <Findings title={t('instance-form.findings', 'What stands in the way')} findings={data.findings} />
      </Stack>
    </Alert>
  );
};
