import { type Exchange, readText } from '../wire/exchange.ts';
import { badRequest } from './errors.ts';
import { parseXml, type XmlElement } from './xml.ts';

/** The XML in a request body; undefined when there is no body. @throws {DavError} 400 when it is not XML. */
export async function readXml(exchange: Exchange): Promise<XmlElement | undefined> {
  const body = await readText(exchange);
  if (body.trim() === '') return undefined;
  try {
    return parseXml(body);
  } catch (cause) {
    throw badRequest(`The request body is not XML: ${String(cause)}`);
  }
}
