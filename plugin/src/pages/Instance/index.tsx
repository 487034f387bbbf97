import { PluginPage } from '@grafana/runtime';
import React from 'react';

const Instance = () => <PluginPage>{null}</PluginPage>;

export default Instance;
