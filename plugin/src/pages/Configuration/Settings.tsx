import { t } from '@grafana/i18n';
import { Button, Stack } from '@grafana/ui';
import React, { useState } from 'react';

import { QueryStates } from '../../components/QueryStates';
import { Section } from '../../components/Section';
import { Failure } from '../../components/States';
import type { Setting, SettingName, SettingValue } from '../../data';
import { useChangeSettings, usePermissions, useSettings } from '../../data/hooks';
import { SettingField } from './SettingField';

type Changes = Partial<Record<SettingName, SettingValue>>;

/** The exporter's own settings, changed while it runs. */
export const Settings = () => (
  <Section
    title={t('settings.title', 'Settings of the exporter')}
    description={t('settings.hint', 'They take effect at once, on every exporter of the repository.')}
  >
    <QueryStates query={useSettings()}>{(settings) => <SettingsForm settings={settings} />}</QueryStates>
  </Section>
);

const SettingsForm = ({ settings }: { readonly settings: readonly Setting[] }) => {
  const { canAdminister } = usePermissions();
  const [changes, setChanges] = useState<Changes>({});
  const save = useChangeSettings();
  const isChanged = Object.keys(changes).length > 0;
  const isIncomplete = Object.values(changes).includes('');
  return (
    <Stack direction="column" gap={2}>
      {settings.map((setting) => (
        <SettingField
          key={setting.name}
          setting={setting}
          value={changes[setting.name] ?? setting.value}
          isDisabled={!canAdminister || !setting.editable}
          onChange={(value) => setChanges((before) => ({ ...before, [setting.name]: value }))}
        />
      ))}
      {save.error !== null && <Failure error={save.error} />}
      {canAdminister && (
        <Stack gap={1}>
          <Button
            disabled={!isChanged || isIncomplete || save.isPending}
            onClick={() => save.mutate(changes, { onSuccess: () => setChanges({}) })}
          >
            {t('settings.save', 'Save')}
          </Button>
          <Button variant="secondary" disabled={!isChanged} onClick={() => setChanges({})}>
            {t('settings.undo', 'Undo')}
          </Button>
        </Stack>
      )}
    </Stack>
  );
};
