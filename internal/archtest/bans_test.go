package archtest

import (
	"go/ast"
	"go/token"
	"go/types"
	"path/filepath"
	"slices"
)

// banned are the ways to ask for the time or for chance, by package. No names
// means the whole package.
var banned = map[string][]string{
	"time":         {"Now", "Since", "Until", "Sleep", "After", "AfterFunc", "Tick", "NewTicker", "NewTimer"},
	"math/rand":    nil,
	"math/rand/v2": nil,
	"crypto/rand":  nil,

	"k8s.io/apimachinery/pkg/apis/meta/v1": {"Now", "NowMicro"},
	"k8s.io/apimachinery/pkg/util/rand":    {"Int", "Intn", "IntnRange", "Int63nRange", "Perm", "Seed", "String"},
	"k8s.io/apimachinery/pkg/util/uuid":    nil,
	"k8s.io/apimachinery/pkg/util/wait":    nil,
	"github.com/google/uuid":               {"New", "NewRandom", "NewString", "NewUUID", "NewV6", "NewV7"},
	"k8s.io/utils/clock":                   {"RealClock"},
}

// mayWake is the one file with a channel in it.
const mayWake = "store/broadcast.go"

// bans finds what makes a run differ from the one before: the clock, chance,
// goroutines and channels; and what makes two worlds of one process differ:
// init functions and package variables that change. It does not see a variable
// that is changed through a pointer, nor what an imported package does.
func bans(p *checked) []violation {
	var found []violation
	report := func(n ast.Node, message string) { found = append(found, violation{n.Pos(), message}) }
	for _, f := range p.files {
		channels := p.dir+"/"+filepath.Base(p.fset.Position(f.Pos()).Filename) != mayWake
		ast.Inspect(f, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.Ident:
				if o := p.info.Uses[n]; o != nil && isBanned(o) {
					report(n, o.Pkg().Path()+"."+o.Name()+" differs from run to run")
				}
			case *ast.GoStmt:
				report(n, "a goroutine")
			case *ast.ChanType, *ast.SendStmt, *ast.SelectStmt:
				if channels {
					report(n, "a channel")
				}
			case *ast.UnaryExpr:
				if n.Op == token.ARROW && channels {
					report(n, "a channel")
				}
			case *ast.RangeStmt:
				if channels && isChannel(p.info.TypeOf(n.X)) {
					report(n, "a channel")
				}
			case *ast.FuncDecl:
				if n.Recv == nil && n.Name.Name == "init" {
					report(n, "an init function: say what happens where it happens")
				}
			case *ast.AssignStmt:
				for _, target := range n.Lhs {
					if v := p.packageVariable(target); v != nil && n.Tok != token.DEFINE {
						report(target, "the package variable "+v.Name()+" changes")
					}
				}
			case *ast.IncDecStmt:
				if v := p.packageVariable(n.X); v != nil {
					report(n, "the package variable "+v.Name()+" changes")
				}
			}
			return true
		})
	}
	return found
}

func isBanned(o types.Object) bool {
	if o.Pkg() == nil || o.Parent() != o.Pkg().Scope() { // methods and fields are not meant
		return false
	}
	names, ok := banned[o.Pkg().Path()]
	return ok && (names == nil || slices.Contains(names, o.Name()))
}

func isChannel(t types.Type) bool {
	_, ok := t.Underlying().(*types.Chan)
	return ok
}

// packageVariable is the variable of this package that an assignment to x
// changes, whole or in part.
func (p *checked) packageVariable(x ast.Expr) types.Object {
	switch x := x.(type) {
	case *ast.Ident:
		v, ok := p.info.Uses[x].(*types.Var)
		if ok && v.Pkg() != nil && v.Parent() == v.Pkg().Scope() {
			return v
		}
	case *ast.IndexExpr:
		return p.packageVariable(x.X)
	case *ast.SelectorExpr:
		return p.packageVariable(x.X)
	case *ast.StarExpr:
		return p.packageVariable(x.X)
	case *ast.ParenExpr:
		return p.packageVariable(x.X)
	}
	return nil
}
