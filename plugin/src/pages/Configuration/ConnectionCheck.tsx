import { t } from '@grafana/i18n';
import { getDataSourceSrv } from '@grafana/runtime';
import { Alert } from '@grafana/ui';
import React, { useEffect, useState } from 'react';

import { Loading } from '../../components/States';

interface Outcome {
  readonly status: string;
  readonly message: string;
}

/** Asks the exporter who it is, as Grafana's own "Save and test" does, and says what is wrong. */
export const ConnectionCheck = ({ uid }: { readonly uid: string }) => {
  const [outcome, setOutcome] = useState<Outcome | null>(null);
  useEffect(() => {
    let isMounted = true;
    const check = async () => {
      const source = await getDataSourceSrv().get(uid);
      return (await source.testDatasource()) as Outcome;
    };
    check()
      .catch((error: unknown) => ({ status: 'error', message: error instanceof Error ? error.message : String(error) }))
      .then((result) => isMounted && setOutcome(result));
    return () => {
      isMounted = false;
    };
  }, [uid]);
  if (outcome === null) return <Loading what={t('connection.testing', 'Asking the exporter …')} />;
  const isGood = outcome.status === 'success';
  return (
    <Alert
      severity={isGood ? 'success' : 'error'}
      title={
        isGood ? t('connection.good', 'The exporter answers') : t('connection.bad', 'The connection does not work')
      }
    >
      {outcome.message}
    </Alert>
  );
};
