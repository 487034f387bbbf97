import type { DataSourcePluginOptionsEditorProps } from '@grafana/data';
import { t } from '@grafana/i18n';
import { Field, FieldSet, Input, SecretInput, SecretTextArea, Stack, Switch } from '@grafana/ui';
import React, { useId } from 'react';

import type { TidemarkOptions, TidemarkSecrets } from '../types';
import { translated } from './translated';

type Props = DataSourcePluginOptionsEditorProps<TidemarkOptions, TidemarkSecrets>;

/** Where the exporter is, and the token for it. */
const Editor = ({ options, onOptionsChange }: Props) => {
  const id = useId();
  const { url, jsonData, secureJsonData, secureJsonFields } = options;
  const urlProblem = problemOf(url);
  const setJson = (changes: Partial<TidemarkOptions>) =>
    onOptionsChange({ ...options, jsonData: { ...jsonData, ...changes } });
  const setSecret = (name: keyof TidemarkSecrets, value: string) =>
    onOptionsChange({ ...options, secureJsonData: { ...secureJsonData, [name]: value } });
  const reset = (name: keyof TidemarkSecrets) =>
    onOptionsChange({
      ...options,
      secureJsonFields: { ...secureJsonFields, [name]: false },
      secureJsonData: { ...secureJsonData, [name]: '' },
    });

  return (
    <Stack direction="column">
      <FieldSet label={t('config.exporter', 'Exporter')}>
        <Field
          label={t('config.url', 'URL')}
          description={t('config.url-hint', 'As the Grafana server reaches it, without /api.')}
          invalid={urlProblem !== null}
          error={urlProblem}
          required
          htmlFor={`${id}-url`}
        >
          <Input
            id={`${id}-url`}
            width={60}
            value={url}
            placeholder="http://tidemark:9786"
            onChange={({ currentTarget }) => onOptionsChange({ ...options, url: currentTarget.value.trim() })}
          />
        </Field>
        <Field
          label={t('config.token', 'Token')}
          description={t(
            'config.token-hint',
            'A token of the exporter. "viewer" is enough to read; pages change instances and settings only with "admin". Grafana keeps it encrypted and never sends it to browsers.',
          )}
          required
          htmlFor={`${id}-token`}
        >
          <SecretInput
            id={`${id}-token`}
            width={60}
            placeholder="tmk_…"
            isConfigured={secureJsonFields?.apiToken === true}
            value={secureJsonData?.apiToken ?? ''}
            onChange={({ currentTarget }) => setSecret('apiToken', currentTarget.value.trim())}
            onReset={() => reset('apiToken')}
          />
        </Field>
      </FieldSet>
      {url.startsWith('https:') && (
        <FieldSet label={t('config.tls', 'TLS')}>
          <Field
            label={t('config.ca', 'Own certificate authority')}
            description={t('config.ca-hint', "Where the exporter's certificate is not from a public authority.")}
            htmlFor={`${id}-ca`}
          >
            <Switch
              id={`${id}-ca`}
              value={jsonData.tlsAuthWithCACert === true}
              onChange={({ currentTarget }) => setJson({ tlsAuthWithCACert: currentTarget.checked })}
            />
          </Field>
          {jsonData.tlsAuthWithCACert === true && (
            <Field label={t('config.ca-certificate', 'Certificate of the authority')} htmlFor={`${id}-certificate`}>
              <SecretTextArea
                id={`${id}-certificate`}
                rows={6}
                cols={60}
                placeholder="-----BEGIN CERTIFICATE-----"
                isConfigured={secureJsonFields?.tlsCACert === true}
                onChange={({ currentTarget }) => setSecret('tlsCACert', currentTarget.value)}
                onReset={() => reset('tlsCACert')}
              />
            </Field>
          )}
          <Field
            label={t('config.skip-verify', 'Do not verify the certificate')}
            description={t('config.skip-verify-hint', 'Anybody on the way can then read the token. Only for a trial.')}
            htmlFor={`${id}-skip`}
          >
            <Switch
              id={`${id}-skip`}
              value={jsonData.tlsSkipVerify === true}
              onChange={({ currentTarget }) => setJson({ tlsSkipVerify: currentTarget.checked })}
            />
          </Field>
        </FieldSet>
      )}
    </Stack>
  );
};

/** What is wrong with the URL; null where nothing is, or nothing is entered yet. */
export function problemOf(url: string): string | null {
  if (url === '') return null;
  if (!/^https?:\/\//.test(url) || !URL.canParse(url)) {
    return t('config.url-invalid', 'Enter an address that begins with http:// or https://.');
  }
  if (/\/api(\/v1)?\/?$/.test(url)) {
    return t('config.url-api', 'Leave out /api: the data source adds it.');
  }
  return null;
}

export const ConfigEditor = translated(Editor);
