import { defineAuditActions } from '@coucou/domain/audit/audit-action';

const number = 'text';

export const corporateNumberActions = defineAuditActions({
  corporate_number_created: { did: 'added a phone number to the directory', target: 'corporateNumber', details: { number } },
  corporate_number_updated: {
    did: 'changed the label or the person of a phone number',
    target: 'corporateNumber',
    details: { number, changed: 'texts' },
  },
  corporate_number_deleted: { did: 'removed a phone number from the directory', target: 'corporateNumber', details: { number } },
  corporate_numbers_imported: {
    did: 'imported phone numbers into the directory',
    target: 'account',
    details: { rows: 'number', created: 'number', existing: 'number', invalid: 'number' },
  },
});
