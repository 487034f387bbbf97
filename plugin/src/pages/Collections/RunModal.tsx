import { t } from '@grafana/i18n';
import { locationService } from '@grafana/runtime';
import { Button, Combobox, Field, Modal, Stack } from '@grafana/ui';
import React, { useId, useState } from 'react';

import { ChoiceButtons } from '../../components/ChoiceButtons';
import { Failure } from '../../components/States';
import type { CollectionScope } from '../../data';
import { useFacets, useInstances, useStartCollection } from '../../data/hooks';
import { links } from '../../links';

type Kind = 'all' | 'instance' | 'owner' | 'label';

/** Asks what is to be measured, and starts it. */
export const RunModal = ({ onClose }: { readonly onClose: () => void }) => {
  const id = useId();
  const [kind, setKind] = useState<Kind>('all');
  const [name, setName] = useState<string | null>(null);
  const start = useStartCollection();
  const options = useNames(kind);
  const scope: CollectionScope = kind === 'all' || name === null ? {} : { [kind]: name };
  const run = () =>
    start.mutate(scope, {
      onSuccess: (session) => {
        onClose();
        locationService.push(links.collection(session.id));
      },
    });
  return (
    <Modal isOpen title={t('run.title', 'Run a collection now')} onDismiss={onClose}>
      <Stack direction="column" gap={2}>
        <ChoiceButtons<Kind>
          aria-label={t('run.what', 'What is measured')}
          value={kind}
          onChange={(value) => {
            setKind(value);
            setName(null);
          }}
          options={[
            { value: 'all', label: t('run.all', 'All instances') },
            { value: 'instance', label: t('run.instance', 'One instance') },
            { value: 'owner', label: t('run.owner', 'An owner') },
            { value: 'label', label: t('run.label', 'A label') },
          ]}
        />
        {kind !== 'all' && (
          <Field noMargin label={t('run.which', 'Which')} htmlFor={id}>
            <Combobox id={id} value={name} options={options} onChange={(option) => setName(option.value)} />
          </Field>
        )}
        <span>{t('run.joins', 'If a collection is running already, this one joins it.')}</span>
        {start.error !== null && <Failure error={start.error} />}
        <Modal.ButtonRow>
          <Button variant="secondary" fill="outline" onClick={onClose}>
            {t('run.cancel', 'Cancel')}
          </Button>
          <Button icon="play" disabled={start.isPending || (kind !== 'all' && name === null)} onClick={run}>
            {t('run.start', 'Start')}
          </Button>
        </Modal.ButtonRow>
      </Stack>
    </Modal>
  );
};

function useNames(kind: Kind): { value: string }[] {
  const facets = useFacets().data;
  const instances = useInstances({ active: true, sort: 'name', limit: 1000 }).data?.data ?? [];
  if (kind === 'instance') return instances.map(({ name }) => ({ value: name }));
  if (kind === 'owner') return (facets?.owners ?? []).flatMap(({ value }) => (value === null ? [] : [{ value }]));
  return Object.entries(facets?.labels ?? {}).flatMap(([key, values]) =>
    values.map((value) => ({ value: `${key}=${value}` })),
  );
}
