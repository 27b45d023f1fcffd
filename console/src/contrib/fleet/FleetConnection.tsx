'use client';
import { useQueryClient } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import type { FleetAccess } from './fleet-access.ts';

/** Connects `access` with the page's query cache before anything below asks it. */
export function FleetConnection({ access, children }: { access: FleetAccess; children: ReactNode }) {
  access.connect(useQueryClient());
  return children;
}
