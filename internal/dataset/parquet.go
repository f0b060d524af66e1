package dataset

import (
	"context"
	"errors"
	"io"
)

func (l *loader) parquet(ctx context.Context, path string, f io.ReaderAt, size int64) error {
	return errors.New("not yet")
}
