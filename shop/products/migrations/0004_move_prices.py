from django.db import migrations

# One truth about prices: those of Oscar's stock records move, and stay empty there.
MOVE = """
INSERT INTO products_productprice (product_id, price, starts_on)
SELECT DISTINCT ON (record.product_id)
       record.product_id, record.price, (product.date_created AT TIME ZONE 'Europe/Paris')::date
FROM partner_stockrecord AS record
JOIN products_productterms AS terms ON terms.product_id = record.product_id
JOIN catalogue_product AS product ON product.id = record.product_id
WHERE record.price IS NOT NULL
ORDER BY record.product_id, record.id;
UPDATE partner_stockrecord SET price = NULL
"""
MOVE_BACK = """
UPDATE partner_stockrecord AS record SET price = latest.price
FROM (
    SELECT DISTINCT ON (product_id) product_id, price FROM products_productprice
    WHERE starts_on <= CURRENT_DATE ORDER BY product_id, starts_on DESC
) AS latest
WHERE latest.product_id = record.product_id
"""
# What a product cost on a day that is over is history, for raw SQL too.
GUARD = """
CREATE FUNCTION products_keep_past_prices() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.starts_on < (now() AT TIME ZONE 'Europe/Paris')::date THEN
        RAISE EXCEPTION 'a price whose day is past never changes'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'products_past_price';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER products_past_price BEFORE UPDATE OR DELETE ON products_productprice
    FOR EACH ROW EXECUTE FUNCTION products_keep_past_prices()
"""
UNGUARD = """
DROP TRIGGER products_past_price ON products_productprice;
DROP FUNCTION products_keep_past_prices()
"""


class Migration(migrations.Migration):
    dependencies = [
        ("products", "0003_prices"),
        ("partner", "0007_partneraddress_code"),
    ]

    operations = [
        migrations.RunSQL(MOVE, MOVE_BACK),
        migrations.RunSQL(GUARD, UNGUARD),
    ]
