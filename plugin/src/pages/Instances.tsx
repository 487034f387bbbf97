import React from 'react';
import { PluginPage } from '@grafana/runtime';
import { Alert } from '@grafana/ui';

/** Stands in for the list of instances, which does not exist yet, and says so. */
export const Instances = () => (
  <PluginPage>
    <Alert severity="info" title="Tidemark: pages follow">
      This version of the app shows no data yet. The pages to come need a running Tidemark exporter: configure the
      exporter&apos;s address here once they are released.
    </Alert>
  </PluginPage>
);
