import type { Metadata } from 'next';
import { notFound } from 'next/navigation';
import { Workshop } from '../../workshop/Workshop.tsx';
import { isWorkshopOpen } from './env.ts';
import './workshop.css';

export const metadata: Metadata = { title: 'Workshop' };

/** The parts of the console in all their states, for those who build it. Shows made-up data and asks no API, so it needs no session. */
export default function Page() {
  if (!isWorkshopOpen()) notFound();
  return <Workshop />;
}
