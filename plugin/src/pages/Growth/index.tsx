import { PluginPage } from '@grafana/runtime';
import React from 'react';

const Growth = () => <PluginPage>{null}</PluginPage>;

export default Growth;
