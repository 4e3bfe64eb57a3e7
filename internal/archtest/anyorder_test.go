package archtest

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
)

// loopBody looks at the body of one loop over a map, statement by statement:
// does it come to the same in any order?
type loopBody struct {
	*orderCheck
	loop  *ast.RangeStmt
	local map[types.Object]bool // declared in the loop, so fresh each time
	exit  string                // the one constant result that the loop may return
}

func (o *orderCheck) inAnyOrder(loop *ast.RangeStmt) bool {
	if loop.Key == nil {
		return true // only how often is known
	}
	b := &loopBody{orderCheck: o, loop: loop, local: map[types.Object]bool{}}
	ast.Inspect(loop, func(n ast.Node) bool {
		if name, ok := n.(*ast.Ident); ok && o.info.Defs[name] != nil {
			b.local[o.info.Defs[name]] = true
		}
		return true
	})
	return b.all(loop.Body.List)
}

func (b *loopBody) all(list []ast.Stmt) bool {
	return !slices.ContainsFunc(list, func(s ast.Stmt) bool { return !b.harmless(s) })
}

func (b *loopBody) harmless(s ast.Stmt) bool {
	switch s := s.(type) {
	case nil, *ast.DeclStmt, *ast.IncDecStmt:
		return true
	case *ast.BlockStmt:
		return b.all(s.List)
	case *ast.IfStmt:
		return b.harmless(s.Init) && b.harmless(s.Body) && b.harmless(s.Else)
	case *ast.RangeStmt:
		return b.harmless(s.Body)
	case *ast.ForStmt:
		return b.harmless(s.Init) && b.harmless(s.Post) && b.harmless(s.Body)
	case *ast.SwitchStmt:
		return b.harmless(s.Init) && b.harmless(s.Body)
	case *ast.TypeSwitchStmt:
		return b.harmless(s.Init) && b.harmless(s.Body)
	case *ast.CaseClause:
		return b.all(s.Body)
	case *ast.BranchStmt:
		return s.Tok == token.CONTINUE
	case *ast.ReturnStmt:
		return b.harmlessReturn(s)
	case *ast.ExprStmt:
		call, ok := s.X.(*ast.CallExpr)
		return ok && slices.Contains([]string{"delete", "k8s.io/apimachinery/pkg/util/sets.Insert", "k8s.io/apimachinery/pkg/util/sets.Delete"}, b.callee(call))
	case *ast.AssignStmt:
		return b.harmlessAssignment(s)
	}
	return false
}

// harmlessReturn: whichever element ends the loop, the result is the same constant.
func (b *loopBody) harmlessReturn(s *ast.ReturnStmt) bool {
	text := "return"
	for _, r := range s.Results {
		if !b.isConstant(r) {
			return false
		}
		text += " " + types.ExprString(r)
	}
	if b.exit == "" {
		b.exit = text
	}
	return b.exit == text
}

func (b *loopBody) isConstant(x ast.Expr) bool {
	tv := b.info.Types[x]
	if literal, ok := x.(*ast.CompositeLit); ok && len(literal.Elts) == 0 {
		return true
	}
	return tv.Value != nil || tv.IsNil()
}

func (b *loopBody) harmlessAssignment(s *ast.AssignStmt) bool {
	if s.Tok == token.DEFINE {
		return true
	}
	for i, target := range s.Lhs {
		var value ast.Expr
		if len(s.Rhs) == len(s.Lhs) {
			value = s.Rhs[i]
		}
		if !b.harmlessTarget(s, target, value) {
			return false
		}
	}
	return true
}

func (b *loopBody) harmlessTarget(s *ast.AssignStmt, target, value ast.Expr) bool {
	switch {
	case b.isLocal(target):
		return true
	case value == nil:
		return false
	case s.Tok != token.ASSIGN:
		return b.addsUp(s.Tok, target)
	case b.isConstant(value):
		return true
	}
	if at, ok := target.(*ast.IndexExpr); ok && b.isMap(at.X) && b.isLoopKey(at.Index) {
		return true // each time another entry
	}
	call, ok := value.(*ast.CallExpr)
	if !ok || len(call.Args) == 0 || types.ExprString(call.Args[0]) != types.ExprString(target) {
		return false
	}
	switch b.callee(call) {
	case "append":
		return b.isSortedAfter(b.loop, target)
	case "max", "min":
		return true
	}
	return false
}

// addsUp: integers do so in any order, floats and strings do not.
func (b *loopBody) addsUp(tok token.Token, target ast.Expr) bool {
	basic, ok := b.info.TypeOf(target).Underlying().(*types.Basic)
	return ok && basic.Info()&types.IsInteger != 0 &&
		slices.Contains([]token.Token{token.ADD_ASSIGN, token.SUB_ASSIGN, token.OR_ASSIGN, token.AND_ASSIGN, token.XOR_ASSIGN}, tok)
}

func (b *loopBody) isLocal(x ast.Expr) bool {
	name, ok := x.(*ast.Ident)
	return ok && (name.Name == "_" || b.local[b.info.Uses[name]])
}

// isLoopKey also takes prefix+key for one: it differs as the keys do.
func (b *loopBody) isLoopKey(x ast.Expr) bool {
	switch x := x.(type) {
	case *ast.Ident:
		key, ok := b.loop.Key.(*ast.Ident)
		return ok && b.info.Uses[x] != nil && b.info.Uses[x] == b.info.Defs[key]
	case *ast.BinaryExpr:
		return x.Op == token.ADD && (b.isFixed(x.X) && b.isLoopKey(x.Y) || b.isLoopKey(x.X) && b.isFixed(x.Y))
	}
	return false
}

// isFixed: nothing in x is of the loop.
func (b *loopBody) isFixed(x ast.Expr) bool {
	fixed := true
	ast.Inspect(x, func(n ast.Node) bool {
		name, ok := n.(*ast.Ident)
		fixed = fixed && !(ok && b.local[b.info.Uses[name]])
		return fixed
	})
	return fixed
}
