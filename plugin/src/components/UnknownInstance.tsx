import { t } from '@grafana/i18n';
import { PluginPage } from '@grafana/runtime';
import { LinkButton } from '@grafana/ui';
import React from 'react';

import { plain } from '../format';
import { links } from '../links';
import { Empty } from './States';

/** @returns the id of an instance in an address; null where it cannot be one: anybody may have typed it */
export function instanceIdOf(text: string | undefined): number | null {
  const id = /^\d+$/.test(text ?? '') ? Number(text) : 0;
  return Number.isSafeInteger(id) && id > 0 ? id : null;
}

/** The page of an instance that there is not, or that the token may not see. */
export const UnknownInstance = ({ id }: { readonly id: string }) => (
  <PluginPage
    pageNav={{
      text: t('instance.unknown-title', 'Unknown instance'),
      parentItem: { text: t('instances.title', 'Instances'), url: links.instances() },
    }}
  >
    <Empty
      message={t('instance.unknown', 'There is no instance {{id}}', plain({ id }))}
      button={
        <LinkButton icon="arrow-left" href={links.instances()}>
          {t('instance.unknown-back', 'All instances')}
        </LinkButton>
      }
    >
      {t(
        'instance.unknown-hint',
        'It may have been removed, or belong to an owner whose instances the token does not see.',
      )}
    </Empty>
  </PluginPage>
);
