/** Rules that let PCs in without anybody being asked. They hold for every office, so whoever writes them may write the whole fleet. */
import { z } from 'zod';
import { RuleList, RuleOrder, RuleRequest, RuleSummary } from '../../../api/schemas.ts';
import { changeRule, createRule, deleteRule, listRules, orderRules, resumeRule } from '../../enrolment/rules.ts';
import type { ApiPorts } from '../ports.ts';
import { component, createRoutes, json, jsonBody, route } from '../route.ts';

const byId = z.object({ id: z.string().max(100) });
const body = jsonBody(component('RuleRequest', RuleRequest));
const summary = json('The rule', component('RuleSummary', RuleSummary));

const list = route({
  method: 'get',
  path: '/enrolment-rules',
  operationId: 'listRules',
  action: 'fleet.write',
  summary: 'The rules, in the order they are tried',
  responses: { 200: json('The rules', component('RuleList', RuleList)) },
});
const create = route({
  method: 'post',
  path: '/enrolment-rules',
  operationId: 'createRule',
  action: 'fleet.write',
  summary: 'Add a rule behind the others',
  request: { body },
  responses: { 201: summary },
});
const order = route({
  method: 'put',
  path: '/enrolment-rules/order',
  operationId: 'orderRules',
  action: 'fleet.write',
  summary: 'Put the rules into another order: the first that matches decides',
  request: { body: jsonBody(component('RuleOrder', RuleOrder)) },
  responses: { 200: json('The rules', component('RuleList', RuleList)) },
});
const change = route({
  method: 'put',
  path: '/enrolment-rules/{id}',
  operationId: 'changeRule',
  action: 'fleet.write',
  summary: 'Replace what a rule says',
  request: { params: byId, body },
  responses: { 200: summary },
});
const remove = route({
  method: 'delete',
  path: '/enrolment-rules/{id}',
  operationId: 'removeRule',
  action: 'fleet.write',
  summary: 'Take a rule away; PCs it has let in stay',
  request: { params: byId },
  responses: { 200: json('It is gone', z.object({ id: z.string() })) },
});
const resume = route({
  method: 'post',
  path: '/enrolment-rules/{id}/resume',
  operationId: 'resumeRule',
  action: 'fleet.write',
  summary: 'Let go of the brake of a rule that was over its limit',
  request: { params: byId },
  responses: { 200: summary },
});

export function ruleRoutes(ports: Pick<ApiPorts, 'database' | 'clock' | 'randomBytes' | 'hub' | 'logger'>) {
  const { database, hub, logger } = ports;
  const tell = (rule: string, by: string | undefined, what: string) => {
    logger.info({ rule, by }, what);
    hub.changed(['enrolments']);
  };
  return createRoutes()
    .openapi(list, async (context) => context.json({ rules: await listRules(database) }, 200))
    .openapi(create, async (context) => {
      const rule = await createRule(context.req.valid('json'), ports, context.get('audit'));
      tell(rule.id, context.get('identity')?.name, 'a rule was made');
      return context.json(rule, 201);
    })
    .openapi(order, async (context) => {
      await orderRules(context.req.valid('json').ids, context.get('audit'));
      tell('all', context.get('identity')?.name, 'the rules were put into another order');
      return context.json({ rules: await listRules(database) }, 200);
    })
    .openapi(change, async (context) => {
      const { id } = context.req.valid('param');
      const rule = await changeRule(id, context.req.valid('json'), context.get('audit'));
      tell(id, context.get('identity')?.name, 'a rule was changed');
      return context.json(rule, 200);
    })
    .openapi(remove, async (context) => {
      const { id } = context.req.valid('param');
      await deleteRule(id, context.get('audit'));
      tell(id, context.get('identity')?.name, 'a rule was taken away');
      return context.json({ id }, 200);
    })
    .openapi(resume, async (context) => {
      const { id } = context.req.valid('param');
      const rule = await resumeRule(id, context.get('audit'));
      tell(id, context.get('identity')?.name, 'the brake of a rule was let go');
      return context.json(rule, 200);
    });
}
