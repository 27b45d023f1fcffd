import { z } from 'zod';

/** How a PC found the server. */
export const Via = z.enum(['token', 'file', 'neighbour', 'dns']);
