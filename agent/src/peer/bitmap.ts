/** Bitmaps of the have answer: bit i, most significant first, belongs to ids[i]. */

/** One bit for each of `count` positions. */
export function toBitmap(count: number, isSet: (index: number) => boolean): Uint8Array {
  const bitmap = new Uint8Array(Math.ceil(count / 8));
  for (let index = 0; index < count; index++) {
    if (isSet(index)) bitmap[index >> 3]! |= 0x80 >> (index & 7);
  }
  return bitmap;
}

/** Whether bit `index` is set; false beyond the end. */
export function bitAt(bitmap: Uint8Array, index: number): boolean {
  return ((bitmap[index >> 3] ?? 0) & (0x80 >> (index & 7))) !== 0;
}
