import { PluginPage } from '@grafana/runtime';
import React from 'react';

const Instances = () => <PluginPage>{null}</PluginPage>;

export default Instances;
