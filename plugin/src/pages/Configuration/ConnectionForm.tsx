import { t } from '@grafana/i18n';
import { Button, Field, Input, SecretInput, Stack } from '@grafana/ui';
import React, { useEffect, useId, useState } from 'react';

import { Failure } from '../../components/States';
import { ApiError } from '../../data';
import { readDataSource, saveDataSource } from './dataSourceSettings';

interface ConnectionFormProps {
  /** Null where there is no data source yet. */
  readonly uid: string | null;
  readonly onSaved: () => void;
}

/** URL and token, written into the data source. */
export const ConnectionForm = ({ uid, onSaved }: ConnectionFormProps) => {
  const id = useId();
  const [url, setUrl] = useState('http://localhost:9786');
  const [token, setToken] = useState('');
  const [hasToken, setHasToken] = useState(false);
  const [failure, setFailure] = useState<ApiError | null>(null);
  const [isReadOnly, setReadOnly] = useState(false);

  useEffect(() => {
    if (uid === null) return undefined;
    let isMounted = true;
    readDataSource(uid).then(
      (settings) => {
        if (!isMounted) return;
        setUrl(settings.url);
        setHasToken(settings.hasToken);
        setReadOnly(settings.readOnly);
      },
      (error: unknown) => isMounted && setFailure(failureOf(error)),
    );
    return () => {
      isMounted = false;
    };
  }, [uid]);

  const save = async () => {
    setFailure(null);
    try {
      await saveDataSource(uid, { url, token: token === '' ? null : token });
      setHasToken(hasToken || token !== '');
      setToken('');
      onSaved();
      // The list of data sources is part of what Grafana loads with the page.
      if (uid === null) window.location.reload();
    } catch (error) {
      setFailure(failureOf(error));
    }
  };
  const wrongUrl = !/^https?:\/\/[^\s]+$/.test(url);
  return (
    <Stack direction="column" gap={2}>
      <Field
        noMargin
        label={t('connection.url', 'URL of the exporter')}
        description={t('connection.url-hint', 'As the Grafana server reaches it.')}
        htmlFor={`${id}-url`}
        disabled={isReadOnly}
        invalid={wrongUrl}
        error={t('connection.url-wrong', 'Expected http:// or https://, a host and a port')}
      >
        <Input id={`${id}-url`} width={60} value={url} onChange={({ currentTarget }) => setUrl(currentTarget.value)} />
      </Field>
      <Field
        noMargin
        label={t('connection.token', 'Token')}
        description={t(
          'connection.token-hint',
          'Made with “tidemark tokens create”; its role is the most that the pages can do.',
        )}
        htmlFor={`${id}-token`}
        disabled={isReadOnly}
      >
        <SecretInput
          id={`${id}-token`}
          width={60}
          isConfigured={hasToken}
          value={token}
          onReset={() => setHasToken(false)}
          onChange={({ currentTarget }) => setToken(currentTarget.value)}
        />
      </Field>
      {isReadOnly && (
        <span>{t('connection.provisioned', 'This data source is provisioned: change it in its file.')}</span>
      )}
      {failure !== null && <Failure error={failure} />}
      <div>
        <Button disabled={isReadOnly || wrongUrl || (!hasToken && token === '')} onClick={() => void save()}>
          {t('connection.save', 'Save and test')}
        </Button>
      </div>
    </Stack>
  );
};

function failureOf(error: unknown): ApiError {
  const { status = 0, data } = (error ?? {}) as { status?: number; data?: { message?: string } };
  const message = data?.message ?? (error instanceof Error ? error.message : String(error));
  return new ApiError({ code: 'grafana', message, details: null, status });
}
