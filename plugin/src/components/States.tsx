import { t } from '@grafana/i18n';
import { Alert, Button, EmptyState, LinkButton, LoadingPlaceholder, Stack } from '@grafana/ui';
import React, { type ReactNode } from 'react';

import { proxyCodes, type ApiError } from '../data/error';
import { links } from '../links';
import { testIds } from '../testIds';

/** While something loads for the first time. */
export const Loading = ({ what }: { readonly what?: string }) => (
  <div data-testid={testIds.states.loading} role="status">
    <LoadingPlaceholder text={what ?? t('states.loading', 'Loading …')} />
  </div>
);

interface EmptyProps {
  readonly message: string;
  /** What to do next. */
  readonly children?: ReactNode;
  readonly button?: ReactNode;
  /** `not-found` where a filter left nothing, `call-to-action` where there is nothing yet. */
  readonly variant?: 'not-found' | 'call-to-action' | 'completed';
}

export const Empty = ({ message, children, button, variant = 'not-found' }: EmptyProps) => (
  <div data-testid={testIds.states.empty}>
    <EmptyState variant={variant} message={message} button={button}>
      {children}
    </EmptyState>
  </div>
);

/** Failures that the configuration mends: nobody answers, or the token is not accepted. */
const connectionCodes: readonly string[] = [proxyCodes.unreachable, proxyCodes.unexpected, 'unauthorized'];

interface FailureProps {
  readonly error: ApiError;
  readonly onRetry?: () => void;
}

/** What failed, why, and what to do about it. */
export const Failure = ({ error, onRetry }: FailureProps) => (
  <div data-testid={testIds.states.error}>
    <Alert severity="error" title={titleOf(error)}>
      <Stack direction="column" gap={1} alignItems="flex-start">
        <span>{error.message}</span>
        <Stack gap={1}>
          {onRetry !== undefined && (
            <Button size="sm" variant="secondary" icon="sync" onClick={onRetry}>
              {t('states.retry', 'Try again')}
            </Button>
          )}
          {(connectionCodes.includes(error.code) || error.status === 401) && (
            <LinkButton size="sm" variant="secondary" icon="cog" href={links.configuration()}>
              {t('states.open-configuration', 'Open the configuration')}
            </LinkButton>
          )}
        </Stack>
      </Stack>
    </Alert>
  </div>
);

function titleOf({ code, status }: ApiError): string {
  if (code === proxyCodes.unreachable) return t('states.error.unreachable', 'The exporter does not answer');
  if (code === proxyCodes.unexpected) return t('states.error.unexpected', 'This is not a Tidemark exporter');
  if (code === proxyCodes.refused) return t('states.error.refused', 'Grafana refused the request');
  if (status === 401) return t('states.error.unauthorized', 'The exporter does not accept the token');
  if (status === 403) return t('states.error.forbidden', 'The token may not do this');
  if (status === 404) return t('states.error.not-found', 'Not found');
  return t('states.error.failed', 'The request failed');
}
