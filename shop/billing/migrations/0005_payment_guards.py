from django.db import migrations

# What was paid is never rewritten: a wrong payment is cancelled, once, for a reason.
GUARD = """
CREATE FUNCTION billing_guard_payment() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    paid billing_invoice;
    line billing_statementline;
BEGIN
    IF TG_OP = 'DELETE' THEN
        PERFORM billing_refuse('payments are kept', 'billing_payment_stays');
    END IF;
    IF TG_OP = 'UPDATE' THEN
        IF OLD.voided_at IS NOT NULL OR NEW.voided_at IS NULL
           OR to_jsonb(OLD) - '{voided_at,voided_by_id,void_reason}'::text[]
              <> to_jsonb(NEW) - '{voided_at,voided_by_id,void_reason}'::text[] THEN
            PERFORM billing_refuse('a payment never changes, but for being cancelled once',
                                   'billing_payment_stays');
        END IF;
        RETURN NEW;
    END IF;
    IF NEW.voided_at IS NOT NULL THEN
        PERFORM billing_refuse('a payment begins as one that counts', 'billing_payment_begins');
    END IF;
    -- Whoever pays the same invoice is waited for; what is left is read after that.
    SELECT * INTO paid FROM billing_invoice WHERE id = NEW.invoice_id FOR NO KEY UPDATE;
    IF paid.kind <> 'invoice' OR paid.state <> 'issued' THEN
        PERFORM billing_refuse('only an issued invoice is paid', 'billing_payment_of_issued');
    END IF;
    IF NEW.amount > paid.total
        - (SELECT coalesce(sum(total), 0) FROM billing_invoice
           WHERE corrects_id = NEW.invoice_id AND kind = 'credit_note' AND state = 'issued')
        - (SELECT coalesce(sum(amount), 0) FROM billing_payment
           WHERE invoice_id = NEW.invoice_id AND voided_at IS NULL AND id <> NEW.id) THEN
        PERFORM billing_refuse('an invoice is not paid beyond what is left',
                               'billing_payment_within_left');
    END IF;
    IF NEW.statement_line_id IS NOT NULL THEN
        SELECT * INTO line FROM billing_statementline WHERE id = NEW.statement_line_id
            FOR NO KEY UPDATE;
        IF line.set_aside_at IS NOT NULL OR NEW.amount > line.amount
            - (SELECT coalesce(sum(amount), 0) FROM billing_payment
               WHERE statement_line_id = line.id AND voided_at IS NULL AND id <> NEW.id) THEN
            PERFORM billing_refuse('a line of the bank pays no more than its amount',
                                   'billing_payment_within_line');
        END IF;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER billing_payment_stays BEFORE INSERT OR UPDATE OR DELETE ON billing_payment
    FOR EACH ROW EXECUTE FUNCTION billing_guard_payment();
CREATE TRIGGER billing_payment_kept BEFORE TRUNCATE ON billing_payment
    EXECUTE FUNCTION billing_guard_table()
"""
UNGUARD = """
DROP TRIGGER billing_payment_stays ON billing_payment;
DROP TRIGGER billing_payment_kept ON billing_payment;
DROP FUNCTION billing_guard_payment()
"""


class Migration(migrations.Migration):
    dependencies = [("billing", "0004_payments")]

    operations = [migrations.RunSQL(GUARD, UNGUARD)]
