package store

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Product is a row of the catalog.
type Product struct {
	ID          int64     `json:"id"`
	SKU         string    `json:"sku"`
	Name        string    `json:"name"`
	Description string    `json:"description"`
	PriceCents  int64     `json:"price_cents"`
	Currency    string    `json:"currency"`
	UpdatedAt   time.Time `json:"updated_at"`
}

// ErrNotFound and ErrDuplicate report that no product has the id, and that another one
// has the SKU.
var (
	ErrNotFound  = errors.New("there is no such product")
	ErrDuplicate = errors.New("another product has this sku")
)

const uniqueViolation = "23505"

const columns = "id, sku, name, description, price_cents, currency, updated_at"

// List returns up to limit products with an id above after, in the order of their ids.
func (s *Store) List(ctx context.Context, after int64, limit int) ([]Product, error) {
	return s.query(ctx, "SELECT "+columns+" FROM products WHERE id > $1 ORDER BY id LIMIT $2", after, limit)
}

// Get returns a product or ErrNotFound.
func (s *Store) Get(ctx context.Context, id int64) (Product, error) {
	return one(s.query(ctx, "SELECT "+columns+" FROM products WHERE id = $1", id))
}

// Create adds a product and returns it with its id.
func (s *Store) Create(ctx context.Context, p Product) (Product, error) {
	return one(s.query(ctx, `INSERT INTO products (sku, name, description, price_cents, currency)
		VALUES ($1, $2, $3, $4, $5) RETURNING `+columns, p.SKU, p.Name, p.Description, p.PriceCents, p.Currency))
}

// Update replaces the product with the id of p.
func (s *Store) Update(ctx context.Context, p Product) (Product, error) {
	return one(s.query(ctx, `UPDATE products SET sku = $1, name = $2, description = $3, price_cents = $4, currency = $5,
		updated_at = now() WHERE id = $6 RETURNING `+columns, p.SKU, p.Name, p.Description, p.PriceCents, p.Currency, p.ID))
}

// Delete removes a product, or returns ErrNotFound.
func (s *Store) Delete(ctx context.Context, id int64) error {
	_, err := one(s.query(ctx, "DELETE FROM products WHERE id = $1 RETURNING "+columns, id))
	return err
}

func (s *Store) query(ctx context.Context, statement string, arguments ...any) (products []Product, err error) {
	err = s.with(ctx, func(conn *pgxpool.Conn) error {
		rows, err := conn.Query(ctx, statement, arguments...)
		if err != nil {
			return err
		}
		products, err = pgx.CollectRows(rows, pgx.RowToStructByPos[Product])
		return err
	})
	if code(err) == uniqueViolation {
		err = ErrDuplicate
	}
	return products, err
}

func one(products []Product, err error) (Product, error) {
	if err != nil {
		return Product{}, err
	}
	if len(products) == 0 {
		return Product{}, ErrNotFound
	}
	return products[0], nil
}
