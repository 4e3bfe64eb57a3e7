package archtest

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"
)

// orders finds the loops over maps whose order can show. It lets pass:
//
//   - a loop whose body comes to the same in any order (see inAnyOrder);
//   - a loop that only collects into a slice which is sorted further down;
//   - maps.Keys and its like as arguments of what sorts them, or fills a map;
//   - what has a comment "any order: the reason" on its line or the one above.
//
// It takes the functions that are called in conditions and values for pure
// ones, and does not see a condition that asks what the loop has counted so
// far: "the first three" would pass.
func orders(p *checked) []violation {
	var found []violation
	for _, f := range p.files {
		o := &orderCheck{checked: p, excused: excusedLines(p.fset, f)}
		ast.Inspect(f, func(n ast.Node) bool {
			if n == nil {
				o.path = o.path[:len(o.path)-1]
				return true
			}
			o.path = append(o.path, n)
			if message := o.look(n); message != "" && !o.excused[p.fset.Position(n.Pos()).Line] {
				found = append(found, violation{n.Pos(), message})
			}
			return true
		})
	}
	return found
}

// excusedLines are those with a comment that excuses them, and the next ones.
func excusedLines(fset *token.FileSet, f *ast.File) map[int]bool {
	lines := map[int]bool{}
	for _, group := range f.Comments {
		for _, c := range group.List {
			if strings.HasPrefix(c.Text, "// any order: ") {
				line := fset.Position(group.End()).Line
				lines[fset.Position(c.Pos()).Line], lines[line+1] = true, true
			}
		}
	}
	return lines
}

type orderCheck struct {
	*checked
	excused map[int]bool
	path    []ast.Node // from the file to the node that is looked at
}

func (o *orderCheck) look(n ast.Node) string {
	switch n := n.(type) {
	case *ast.RangeStmt:
		if o.isMap(n.X) && !o.inAnyOrder(n) {
			return "the order of this loop over a map can show: sort the keys, or say why not in a comment // any order: reason"
		}
	case *ast.CallExpr:
		if name := o.callee(n); slices.Contains(unsorted, name) && !o.isHarmless(n) {
			return "what " + name + " gives has no order: sort it, or say why not in a comment // any order: reason"
		}
	}
	return ""
}

// unsorted give keys or values in the order of a map.
var unsorted = []string{"maps.Keys", "maps.Values", "maps.All", "k8s.io/apimachinery/pkg/util/sets.UnsortedList"}

// settling take such keys and values in any order.
var settling = []string{"slices.Sorted", "slices.SortedFunc", "maps.Collect", "maps.Insert", "k8s.io/apimachinery/pkg/util/sets.New", "k8s.io/apimachinery/pkg/util/sets.Insert"}

// isHarmless: the result goes straight to where the order is lost.
func (o *orderCheck) isHarmless(call *ast.CallExpr) bool {
	switch parent := o.path[len(o.path)-2].(type) {
	case *ast.CallExpr:
		return slices.Contains(settling, o.callee(parent))
	case *ast.RangeStmt:
		return parent.X == call && o.inAnyOrder(parent)
	case *ast.AssignStmt:
		return len(parent.Lhs) == 1 && o.isSortedAfter(parent, parent.Lhs[0])
	}
	return false
}

// callee is "package/path.Function", with a method's name like a function's.
func (p *checked) callee(call *ast.CallExpr) string {
	f := ast.Unparen(call.Fun)
	if index, ok := f.(*ast.IndexExpr); ok { // a generic one
		f = index.X
	}
	var name *ast.Ident
	switch f := f.(type) {
	case *ast.Ident:
		name = f
	case *ast.SelectorExpr:
		name = f.Sel
	default:
		return ""
	}
	switch o := p.info.Uses[name].(type) {
	case *types.Builtin:
		return o.Name()
	case *types.Func:
		if o.Pkg() == nil { // error.Error
			return o.Name()
		}
		return o.Pkg().Path() + "." + o.Name()
	}
	return ""
}

func (p *checked) isMap(x ast.Expr) bool {
	t := p.info.TypeOf(x)
	if t == nil {
		return false
	}
	_, ok := t.Underlying().(*types.Map)
	return ok
}

// isSortedAfter: a statement behind this one, in one of the blocks around it,
// sorts the slice.
func (o *orderCheck) isSortedAfter(statement ast.Stmt, slice ast.Expr) bool {
	want := types.ExprString(slice)
	sorted := false
	for _, n := range o.path {
		block, ok := n.(*ast.BlockStmt)
		if !ok {
			continue
		}
		for _, later := range block.List {
			if later.Pos() > statement.End() {
				ast.Inspect(later, func(n ast.Node) bool {
					call, ok := n.(*ast.CallExpr)
					sorted = sorted || ok && isSort(o.callee(call)) && len(call.Args) > 0 && strings.Contains(types.ExprString(call.Args[0]), want)
					return !sorted
				})
			}
		}
	}
	return sorted
}

func isSort(callee string) bool {
	return strings.HasPrefix(callee, "slices.Sort") || strings.HasPrefix(callee, "sort.")
}
