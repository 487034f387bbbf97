import { PluginPage } from '@grafana/runtime';
import React from 'react';

const Configuration = () => <PluginPage>{null}</PluginPage>;

export default Configuration;
