from django.db import migrations

# What is issued never changes, whatever the client: a credit note corrects it.
GUARD = """
CREATE FUNCTION billing_refuse(what text, rule text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '%', what USING ERRCODE = 'check_violation', CONSTRAINT = rule;
END $$;

CREATE FUNCTION billing_guard_invoice() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' AND OLD.state = 'issued' THEN
        PERFORM billing_refuse('an issued invoice never changes', 'billing_issued_stays');
    END IF;
    IF TG_OP = 'INSERT' AND NEW.state <> 'draft' THEN
        PERFORM billing_refuse('an invoice begins as a draft', 'billing_begins_as_draft');
    END IF;
    IF TG_OP = 'UPDATE' AND NEW.state = 'issued' THEN
        IF NEW.total <> (SELECT coalesce(sum(total), 0) FROM billing_invoiceline
                         WHERE invoice_id = NEW.id) THEN
            PERFORM billing_refuse('a total is the sum of its lines', 'billing_total');
        END IF;
        IF NEW.number <> NEW.year || '-' || lpad(NEW.rank::text, 6, '0')
           OR NEW.year <> extract(year FROM NEW.issued_on)
           OR NOT EXISTS (SELECT FROM billing_numberseries
                          WHERE year = NEW.year AND last = NEW.rank
                            AND last_on = NEW.issued_on) THEN
            PERFORM billing_refuse('a number is the last of its series', 'billing_number');
        END IF;
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER billing_invoice_stays BEFORE INSERT OR UPDATE OR DELETE ON billing_invoice
    FOR EACH ROW EXECUTE FUNCTION billing_guard_invoice();

CREATE FUNCTION billing_guard_line() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    one bigint;
    parent billing_invoice;
    given billing_invoiceline;
BEGIN
    -- The lock waits for a transaction that is issuing the invoice, and makes it wait for us.
    FOREACH one IN ARRAY CASE TG_OP
        WHEN 'INSERT' THEN ARRAY[NEW.invoice_id]
        WHEN 'DELETE' THEN ARRAY[OLD.invoice_id]
        ELSE ARRAY[OLD.invoice_id, NEW.invoice_id] END
    LOOP
        SELECT * INTO parent FROM billing_invoice WHERE id = one FOR SHARE;
        IF parent.state = 'issued' THEN
            PERFORM billing_refuse('the lines of an issued invoice never change',
                                   'billing_issued_lines_stay');
        END IF;
    END LOOP;
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    IF (NEW.corrects_id IS NULL) <> (parent.kind = 'invoice') THEN
        PERFORM billing_refuse('a credit note corrects lines, an invoice does not',
                               'billing_line_kind');
    END IF;
    IF NEW.corrects_id IS NOT NULL THEN
        SELECT * INTO given FROM billing_invoiceline WHERE id = NEW.corrects_id
            FOR NO KEY UPDATE;
        IF given.invoice_id <> parent.corrects_id OR given.is_free
           OR given.unit_price <> NEW.unit_price OR given.order_line_id <> NEW.order_line_id THEN
            PERFORM billing_refuse('a credit note gives back what its invoice took',
                                   'billing_line_corrects');
        END IF;
        IF given.quantity < NEW.quantity + (
            SELECT coalesce(sum(quantity), 0) FROM billing_invoiceline
            WHERE corrects_id = NEW.corrects_id AND id <> NEW.id) THEN
            PERFORM billing_refuse('no more is given back than was invoiced',
                                   'billing_line_given_back_once');
        END IF;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER billing_line_stays BEFORE INSERT OR UPDATE OR DELETE ON billing_invoiceline
    FOR EACH ROW EXECUTE FUNCTION billing_guard_line();

CREATE FUNCTION billing_guard_document() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        PERFORM billing_refuse('the document of an invoice never changes',
                               'billing_document_stays');
    END IF;
    IF NOT EXISTS (SELECT FROM billing_invoice WHERE id = NEW.invoice_id AND state = 'issued') THEN
        PERFORM billing_refuse('a draft has no document', 'billing_document_of_issued');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER billing_document_stays BEFORE INSERT OR UPDATE OR DELETE ON billing_invoicedocument
    FOR EACH ROW EXECUTE FUNCTION billing_guard_document();

CREATE FUNCTION billing_guard_series() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND OLD.last > 0 OR TG_OP = 'INSERT' AND NEW.last <> 0
       OR TG_OP = 'UPDATE' AND (NEW.year <> OLD.year OR NEW.last <> OLD.last + 1
                                OR NEW.last_on IS NULL OR NEW.last_on < OLD.last_on) THEN
        PERFORM billing_refuse('numbers follow each other, and so do their dates',
                               'billing_series_goes_on');
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER billing_series_goes_on BEFORE INSERT OR UPDATE OR DELETE ON billing_numberseries
    FOR EACH ROW EXECUTE FUNCTION billing_guard_series();

CREATE FUNCTION billing_guard_table() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM billing_refuse('invoices are kept', 'billing_issued_stays');
    RETURN NULL;
END $$;
CREATE TRIGGER billing_invoice_kept BEFORE TRUNCATE ON billing_invoice
    EXECUTE FUNCTION billing_guard_table();
CREATE TRIGGER billing_line_kept BEFORE TRUNCATE ON billing_invoiceline
    EXECUTE FUNCTION billing_guard_table();
CREATE TRIGGER billing_document_kept BEFORE TRUNCATE ON billing_invoicedocument
    EXECUTE FUNCTION billing_guard_table();
CREATE TRIGGER billing_series_kept BEFORE TRUNCATE ON billing_numberseries
    EXECUTE FUNCTION billing_guard_table()
"""
UNGUARD = """
DROP TRIGGER billing_invoice_stays ON billing_invoice;
DROP TRIGGER billing_invoice_kept ON billing_invoice;
DROP TRIGGER billing_line_stays ON billing_invoiceline;
DROP TRIGGER billing_line_kept ON billing_invoiceline;
DROP TRIGGER billing_document_stays ON billing_invoicedocument;
DROP TRIGGER billing_document_kept ON billing_invoicedocument;
DROP TRIGGER billing_series_goes_on ON billing_numberseries;
DROP TRIGGER billing_series_kept ON billing_numberseries;
DROP FUNCTION billing_guard_invoice();
DROP FUNCTION billing_guard_line();
DROP FUNCTION billing_guard_document();
DROP FUNCTION billing_guard_series();
DROP FUNCTION billing_guard_table();
DROP FUNCTION billing_refuse(text, text)
"""


class Migration(migrations.Migration):
    dependencies = [("billing", "0001_initial")]

    operations = [migrations.RunSQL(GUARD, UNGUARD)]
