/** The API's data by the name that everybody imports; the topics are in schemas/. */
export * from './schemas/index.ts';
